import { isCelError, parse, plan } from '@bufbuild/cel'
import type { Evidence } from '../words/variables.ts'
import { bindings } from './bindings.ts'
import { checkExpression, ExpressionProblem } from './check-expression.ts'
import type { Expression } from './expression.ts'
import { leansOnProof } from './leans-on-proof.ts'
import { type Inventories, libraryWith } from './library.ts'

/** Result of compiling an expression, before any machine is judged. */
export type Compiled = { readonly uses: readonly string[]; readonly leansOnProof: boolean } | ExpressionFault

/** A fault of an expression, and its place: both counted from 1 within the expression. */
export interface ExpressionFault {
  readonly fault: string
  readonly line: number
  readonly column: number
}

/** Result of an expression for one machine. */
export type Evaluated = { readonly is: boolean } | { readonly failed: string }

/** Compiles expressions that share inventories, and evaluates them. It runs in the worker: an expression may take any time. */
export class Compiler {
  readonly #library: ReturnType<typeof libraryWith>
  readonly #inventories: Inventories
  readonly #plans: (ReturnType<typeof plan> | undefined)[] = []

  constructor(inventories: Inventories) {
    this.#inventories = inventories
    this.#library = libraryWith(inventories)
  }

  /** Compiles the next expression. */
  add(text: string): Compiled {
    const place = this.#plans.push(undefined) - 1
    let parsed: ReturnType<typeof parse>
    try {
      parsed = parse(text)
    } catch (error) {
      return syntaxFault(error as Error)
    }
    const expression: Expression = parsed.expr
    try {
      const used = checkExpression(expression, { library: this.#library, inventories: this.#inventories })
      this.#plans[place] = plan(this.#library, parsed)
      return { uses: [...used].sort(), leansOnProof: leansOnProof(expression, this.#inventories) }
    } catch (error) {
      const { message } = error as Error
      const node = error instanceof ExpressionProblem ? error.node : expression.id
      const offset = parsed.sourceInfo?.positions[node.toString()] ?? 0
      const before = text.slice(0, offset).split('\n')
      return { fault: message, line: before.length, column: (before.at(-1) ?? '').length + 1 }
    }
  }

  /** Evaluates the expression with this number. */
  evaluate(number: number, evidence: Evidence): Evaluated {
    const evaluate = this.#plans[number]
    if (evaluate === undefined) return { failed: 'the expression was not compiled' }
    const result = evaluate(bindings(evidence))
    if (isCelError(result)) return { failed: result.message }
    return typeof result === 'boolean' ? { is: result } : { failed: `gives ${typeof result}, and must give bool` }
  }
}

const syntaxFault = (error: Error & { location?: { start?: { line: number; column: number } } }): ExpressionFault => {
  const { line = 1, column = 1 } = error.location?.start ?? {}
  return { fault: error.message.replace(/^<input>:\d+:\d+: /, '').slice(0, 300), line, column }
}
