import { type Variable, variableRows } from '../words/variables.ts'
import { type Expression, literalText, type Node } from './expression.ts'
import { type Inventories, plain } from './library.ts'

/**
 * True if the expression cannot be true by the claims of a machine alone: on each way to it something that the server saw or gave is
 * compared with a text that the rule or an inventory has. A comparison counts only in the forms that are listed here, and only if it
 * leaves most machines out. To be unlike something proves nothing.
 */
export const leansOnProof = (expression: Expression, inventories: Inventories): boolean =>
  new Judge(inventories).leans(expression, true, new Map())

/** Meaning of a variable that a macro makes: an item of a proof, or one of these texts. */
interface Local {
  proof: Variable | undefined
  texts: readonly string[]
}
type Locals = ReadonlyMap<string, Local>

class Judge {
  readonly #inventories: Inventories

  constructor(inventories: Inventories) {
    this.#inventories = inventories
  }

  /** True if each way on which the expression comes out as `asTrue` rests on a comparison with a proof. */
  leans(expression: Expression | undefined, asTrue: boolean, locals: Locals): boolean {
    if (expression === undefined) return false
    const { exprKind } = expression
    switch (exprKind.case) {
      case 'constExpr':
        // there is no way to what a literal is not
        return exprKind.value.constantKind.case === 'boolValue' && exprKind.value.constantKind.value !== asTrue
      case 'selectExpr':
        // a label that the code gives
        return asTrue && exprKind.value.testOnly && proofOf(exprKind.value.operand, locals) !== undefined
      case 'comprehensionExpr':
        return asTrue && this.#exists(exprKind.value, locals)
      case 'callExpr':
        return this.#call(exprKind.value, asTrue, locals)
      default:
        return false
    }
  }

  #call(call: Node<'callExpr'>, asTrue: boolean, locals: Locals): boolean {
    const { args } = call
    const [first, second, third] = args
    const leans = (one: Expression | undefined, is: boolean): boolean => this.leans(one, is, locals)
    switch (call.function) {
      case '!_':
        return leans(first, !asTrue)
      case '_&&_':
        return asTrue ? args.some((one) => leans(one, true)) : args.every((one) => leans(one, false))
      case '_||_':
        return asTrue ? args.every((one) => leans(one, true)) : args.some((one) => leans(one, false))
      case '_?_:_':
        return (leans(first, true) || leans(second, asTrue)) && (leans(first, false) || leans(third, asTrue))
      case '_!=_':
        return !asTrue && equals(first, second, locals)
      default:
        return asTrue && this.#compares(call, locals)
    }
  }

  #compares({ function: called, target, args }: Node<'callExpr'>, locals: Locals): boolean {
    const [first, second] = args
    switch (called) {
      case '_==_':
      case '@in':
        return equals(first, second, locals)
      case 'startsWith':
        return begins(proofOf(target, locals), textsOf(first, locals))
      case 'matches':
        return begins(proofOf(target, locals), textsOf(first, locals).map(fixedBeginning))
      case 'inCidr':
        return proofOf(first, locals) !== undefined && all(textsOf(second, locals), isNarrow)
      case 'inInventory': {
        const values = this.#inventories[(second && literalText(second)) ?? ''] ?? []
        return proofOf(first, locals) !== undefined && values.every((value) => plain(value) !== '')
      }
      default:
        return false
    }
  }

  /** `LIST.exists(x, TEST)`, as the macro is expanded. */
  #exists(node: Node<'comprehensionExpr'>, locals: Locals): boolean {
    const { iterRange, iterVar, accuInit, loopStep } = node
    const step = loopStep?.exprKind
    if (step?.case !== 'callExpr' || step.value.function !== '_||_' || !isFalse(accuInit)) return false
    const item = { proof: proofOf(iterRange, locals), texts: textsOf(iterRange, locals) }
    return this.leans(step.value.args[1], true, new Map([...locals, [iterVar, item]]))
  }
}

/** True if one side is a proof, and the other one only texts that are not empty. */
const equals = (one: Expression | undefined, other: Expression | undefined, locals: Locals): boolean =>
  [
    [one, other],
    [other, one]
  ].some(([proof, texts]) => proofOf(proof, locals) !== undefined && all(textsOf(texts, locals), isText))

const begins = (proof: Variable | undefined, texts: readonly string[]): boolean => {
  if (proof === undefined) return false
  const { beginning } = proof
  return all(texts, (text) => isText(text) && (beginning === undefined || beginning.test(text)))
}

/** Fewest leading bits of a network that leaves most addresses out. The private addresses of IPv6, `fc00::/7`, have that many. */
const leastPrefix = 7

const isNarrow = (network: string): boolean => Number(network.split('/')[1]) >= leastPrefix

const isText = (text: string): boolean => text !== ''

/** True if there are texts, and this holds for each. */
const all = (texts: readonly string[], test: (text: string) => boolean): boolean =>
  texts.length > 0 && texts.every((text) => test(text))

const isFalse = (expression: Expression | undefined): boolean =>
  expression?.exprKind.case === 'constExpr' && expression.exprKind.value.constantKind.value === false

/** Functions that leave of a text what it is. */
const sameText: readonly string[] = ['lowerAscii', 'upperAscii', 'trim']

/** The proof that a node stands for, as a whole or by one item. Undefined if it stands for none, or the machine chooses the item. */
const proofOf = (expression: Expression | undefined, locals: Locals): Variable | undefined => {
  if (expression === undefined) return undefined
  const { exprKind } = expression
  if (exprKind.case === 'identExpr') return locals.get(exprKind.value.name)?.proof
  if (exprKind.case === 'selectExpr' && !exprKind.value.testOnly) {
    return fieldOf(exprKind.value.operand, exprKind.value.field, locals)
  }
  if (exprKind.case !== 'callExpr') return undefined
  const { function: called, target, args } = exprKind.value
  if (sameText.includes(called)) return proofOf(target, locals)
  const [of, index] = args
  if (called !== '_[_]' || index?.exprKind.case !== 'constExpr') return undefined
  return fieldOf(of, literalText(index) ?? '', locals)
}

const fieldOf = (of: Expression | undefined, field: string, locals: Locals): Variable | undefined => {
  if (of?.exprKind.case !== 'identExpr' || locals.has(of.exprKind.value.name)) return proofOf(of, locals)
  const variable = variableRows.get(`${of.exprKind.value.name}.${field}`)
  return variable?.standing === 'proof' ? variable : undefined
}

/** The texts that a node can be: one literal, or each item of a list of them. Empty if it can be anything else. */
const textsOf = (expression: Expression | undefined, locals: Locals): readonly string[] => {
  if (expression === undefined) return []
  const { exprKind } = expression
  if (exprKind.case === 'identExpr') return locals.get(exprKind.value.name)?.texts ?? []
  const texts = (exprKind.case === 'listExpr' ? exprKind.value.elements : [expression]).map(literalText)
  return texts.every((text) => text !== undefined) ? texts : []
}

/**
 * The text with which all begin that an RE2 pattern fits. Empty if there is none, or if it is not plain to see: then the pattern
 * has another branch, does not begin with `^`, or its first character may be absent.
 */
const fixedBeginning = (pattern: string): string => {
  if (pattern.includes('|')) return ''
  const [, fixed = ''] = /^\^((?:(?:[\w:/-]|\\[.]|\[[.]\])(?![?*{]))*)/.exec(pattern) ?? []
  return fixed.replace(/[\\[\]]/g, '')
}
