import type { CelEnv } from '@bufbuild/cel'
import { isNetwork } from '@joinery/protocol/networks'
import { functionRows } from '../words/functions.ts'
import { limits } from '../words/limits.ts'
import { variableGroups, variableRows } from '../words/variables.ts'
import { type Expression, literalText, type Node } from './expression.ts'
import { type Inventories, patternProblem } from './library.ts'
import {
  bool,
  canEqual,
  dyn,
  int,
  inWords,
  isDyn,
  isScalar,
  joined,
  listOf,
  mapOf,
  mayBe,
  ofKind,
  ofLibrary,
  scalarOf,
  string,
  type Type
} from './types.ts'

/** Something in an expression that cannot be right, whatever machine is judged. */
export class ExpressionProblem extends Error {
  /** Id of the node that it is about. */
  readonly node: bigint

  constructor(node: bigint, message: string) {
    super(message)
    this.node = node
  }
}

interface Surroundings {
  library: CelEnv
  inventories: Inventories
}

/**
 * Checks names, types and literals of an expression, and gives the variables that it uses. Throws `ExpressionProblem`. The library
 * would find these faults only with a machine before it, and then the machine waits.
 */
export const checkExpression = (expression: Expression, surroundings: Surroundings): ReadonlySet<string> => {
  const check = new Check(surroundings)
  const type = check.typeOf(expression, new Map(), 0)
  if (!isScalar(type, 'bool')) throw new ExpressionProblem(expression.id, `is ${inWords(type)}, and must be bool`)
  return check.used
}

type Locals = ReadonlyMap<string, Type>

class Check {
  readonly used = new Set<string>()
  readonly #library: CelEnv
  readonly #inventories: Inventories

  constructor({ library, inventories }: Surroundings) {
    this.#library = library
    this.#inventories = inventories
  }

  typeOf(expression: Expression | undefined, locals: Locals, depth: number): Type {
    if (expression === undefined) return dyn
    const { id, exprKind } = expression
    if (depth > limits.depth) throw new ExpressionProblem(id, 'is nested too deeply')
    const below = (one: Expression | undefined, more: Locals = locals): Type => this.typeOf(one, more, depth + 1)
    switch (exprKind.case) {
      case 'constExpr':
        return constants[exprKind.value.constantKind.case ?? 'nullValue'] ?? dyn
      case 'identExpr':
        return this.#ident(id, exprKind.value.name, locals)
      case 'selectExpr':
        return this.#select(id, exprKind.value, locals, below)
      case 'callExpr':
        return this.#call(expression, exprKind.value, locals, below)
      case 'listExpr':
        return listOf(joined(exprKind.value.elements.map((one) => below(one))))
      case 'structExpr':
        return this.#struct(id, exprKind.value, below)
      case 'comprehensionExpr':
        return this.#comprehension(exprKind.value, locals, below)
      default:
        throw new ExpressionProblem(id, 'is not understood')
    }
  }

  #ident(id: bigint, name: string, locals: Locals): Type {
    const local = locals.get(name)
    if (local !== undefined) return local
    if (variableGroups.has(name)) {
      throw new ExpressionProblem(id, `${name} has fields: name one of them, such as ${firstOf(name)}`)
    }
    return this.#variable(id, name)
  }

  #variable(id: bigint, name: string): Type {
    const variable = variableRows.get(name)
    if (variable === undefined) throw new ExpressionProblem(id, unknownVariable(name))
    this.used.add(name)
    return ofKind[variable.kind]
  }

  /** The name of a group that a node stands for, if no local variable hides it. */
  #groupOf(expression: Expression | undefined, locals: Locals): string | undefined {
    if (expression?.exprKind.case !== 'identExpr') return undefined
    const { name } = expression.exprKind.value
    return variableGroups.has(name) && !locals.has(name) ? name : undefined
  }

  #select(id: bigint, { operand, field, testOnly }: Node<'selectExpr'>, locals: Locals, below: Below): Type {
    const group = this.#groupOf(operand, locals)
    if (group !== undefined) {
      const type = this.#variable(operand?.id ?? id, `${group}.${field}`)
      return testOnly ? bool : type
    }
    const type = below(operand)
    if (!isDyn(type) && type.is !== 'map') throw new ExpressionProblem(id, `${inWords(type)} has no field ${field}`)
    if (testOnly) return bool
    return type.is === 'map' ? type.of : dyn
  }

  #struct(id: bigint, { messageName, entries }: Node<'structExpr'>, below: Below): Type {
    if (messageName !== '') throw new ExpressionProblem(id, `there is no type ${messageName}`)
    for (const { keyKind } of entries) if (keyKind.case === 'mapKey') below(keyKind.value)
    return mapOf(joined(entries.map(({ value }) => below(value))))
  }

  #comprehension(node: Node<'comprehensionExpr'>, locals: Locals, below: Below): Type {
    const { iterRange, iterVar, accuVar, accuInit, loopCondition, loopStep, result } = node
    const range = below(iterRange)
    if (!isDyn(range) && range.is === 'scalar') {
      throw new ExpressionProblem(iterRange?.id ?? 0n, `is ${inWords(range)}, and must be a list or a map`)
    }
    const item = range.is === 'list' ? range.of : range.is === 'map' ? string : dyn
    const start = below(accuInit)
    const inside = new Map([...locals, [accuVar, start], [iterVar, item]])
    below(loopCondition, inside)
    const step = below(loopStep, inside)
    return below(result, new Map([...locals, [accuVar, start.is === 'list' ? step : start]]))
  }

  #call(expression: Expression, call: Node<'callExpr'>, locals: Locals, below: Below): Type {
    const { function: name, target, args } = call
    const [first, second, third] = args
    switch (name) {
      case '!_':
      case '_&&_':
      case '_||_':
      case '@not_strictly_false':
        for (const arg of args) this.#require(arg, below(arg), 'bool')
        return bool
      case '_?_:_':
        this.#require(first, below(first), 'bool')
        return joined([below(second), below(third)])
      case '_==_':
      case '_!=_':
        return this.#equality(expression, below(first), below(second))
      case '_[_]':
        return this.#index(first, second, locals, below)
      case '@in':
        return this.#membership(expression, below(first), below(second))
      default:
        // what is within a macro that was written wrongly names variables that are not there
        requireFunction(expression.id, name)
        return this.#function(
          expression,
          call,
          target === undefined ? undefined : below(target),
          args.map((one) => below(one))
        )
    }
  }

  #require(expression: Expression | undefined, type: Type, wanted: string): void {
    if (!isScalar(type, wanted)) {
      throw new ExpressionProblem(expression?.id ?? 0n, `is ${inWords(type)}, and must be ${wanted}`)
    }
  }

  #equality({ id }: Expression, one: Type, other: Type): Type {
    if (canEqual(one, other)) return bool
    throw new ExpressionProblem(id, `compares ${inWords(one)} with ${inWords(other)}, which are never equal`)
  }

  #index(of: Expression | undefined, index: Expression | undefined, locals: Locals, below: Below): Type {
    const group = this.#groupOf(of, locals)
    if (group !== undefined) {
      const field = index && literalText(index)
      if (field === undefined) throw new ExpressionProblem(of?.id ?? 0n, `write ${group}.FIELD`)
      return this.#variable(of?.id ?? 0n, `${group}.${field}`)
    }
    const type = below(of)
    const key = below(index)
    if (isDyn(type)) return dyn
    if (type.is === 'scalar') throw new ExpressionProblem(of?.id ?? 0n, `${inWords(type)} has no items`)
    if (type.is === 'list') this.#require(index, key, 'int')
    else if (!isScalar(key, 'string')) {
      throw new ExpressionProblem(
        index?.id ?? 0n,
        `a map of a policy has keys of string, and this one is ${inWords(key)}`
      )
    }
    return type.of
  }

  #membership({ id }: Expression, item: Type, of: Type): Type {
    if (isDyn(of)) return bool
    if (of.is === 'scalar') throw new ExpressionProblem(id, `in wants a list or a map on its right, not ${inWords(of)}`)
    const items = of.is === 'list' ? of.of : string
    if (!canEqual(item, items)) {
      throw new ExpressionProblem(id, `looks for ${inWords(item)} among ${inWords(items)}, which are never equal`)
    }
    return bool
  }

  #function(
    { id }: Expression,
    { function: name, args }: Node<'callExpr'>,
    target: Type | undefined,
    types: Type[]
  ): Type {
    const fitting = [...(this.#library.funcs.find(name) ?? [])].filter(
      (one) =>
        (one.target === undefined) === (target === undefined) &&
        // the library computes parts of a time in a time zone, and is wrong in the hour in which clocks are put forward
        (one.target?.kind !== 'object' || one.arguments.length === 0) &&
        (one.target === undefined || target === undefined || mayBe(loose(ofLibrary(one.target)), target)) &&
        one.arguments.length === types.length &&
        one.arguments.every((wanted, index) => mayBe(loose(ofLibrary(wanted)), types[index] ?? dyn))
    )
    if (fitting.length === 0) throw new ExpressionProblem(id, notSo(name, target, types))
    this.#literals(name, args)
    return joined(fitting.map(({ result }) => ofLibrary(result)))
  }

  /** Checks literals that a function takes only in one form. */
  #literals(name: string, args: readonly Expression[]): void {
    const last = args.at(-1)
    const text = last && literalText(last)
    const id = last?.id ?? 0n
    if (name === 'inInventory') {
      if (text === undefined) throw new ExpressionProblem(id, 'the name of an inventory is a literal, such as "rack7"')
      if (!Object.hasOwn(this.#inventories, text)) throw new ExpressionProblem(id, `there is no inventory ${text}`)
    }
    if (name === 'inCidr' && text !== undefined && !isNetwork(text)) {
      throw new ExpressionProblem(id, `${text} is no network, such as 10.7.0.0/16`)
    }
    if (name === 'matches' && text !== undefined) {
      const problem = patternProblem(text)
      if (problem !== undefined) throw new ExpressionProblem(id, `is no RE2 pattern: ${problem}`)
    }
  }
}

/** Throws if there is no such function. The parser puts a macro in the place of what is written as one, so none is left. */
const requireFunction = (id: bigint, name: string): void => {
  if (/^[_-]/.test(name) || functionRows.some((row) => row.name === name)) return
  const macro = macros.get(name)
  throw new ExpressionProblem(
    id,
    macro === undefined ? `there is no function ${name}` : `write ${macro}, with one name`
  )
}

/** Each macro as a policy writes it. Other programs with CEL have some with two names. */
const macros: ReadonlyMap<string, string> = new Map([
  ['all', 'all(NAME, CONDITION)'],
  ['exists', 'exists(NAME, CONDITION)'],
  ['exists_one', 'exists_one(NAME, CONDITION)'],
  ['existsOne', 'exists_one(NAME, CONDITION)'],
  ['filter', 'filter(NAME, CONDITION)'],
  ['map', 'map(NAME, VALUE) or map(NAME, CONDITION, VALUE)']
])

type Below = (one: Expression | undefined, more?: Locals) => Type

/** The library looks only at the kind of a list. */
const loose = (type: Type): Type => (type.is === 'scalar' ? type : { is: type.is, of: dyn })

const constants: Readonly<Record<string, Type>> = {
  stringValue: string,
  int64Value: int,
  uint64Value: scalarOf('uint'),
  doubleValue: scalarOf('double'),
  boolValue: bool,
  bytesValue: scalarOf('bytes'),
  nullValue: scalarOf('null_type')
}

const unknownVariable = (name: string): string => {
  const [group = ''] = name.split('.')
  const near = variableGroups.has(group) ? [...variableRows.keys()].filter((one) => one.startsWith(`${group}.`)) : tops
  return `there is no variable ${name}; there are ${near.join(', ')}`
}

const tops = [...new Set([...variableRows.keys()].map((name) => name.replace(/[.].*/, '')))]

const firstOf = (group: string): string =>
  [...variableRows.keys()].find((name) => name.startsWith(`${group}.`)) ?? group

const notSo = (name: string, target: Type | undefined, types: readonly Type[]): string => {
  const given = types.map(inWords).join(', ')
  if (/^[_-]/.test(name)) return `${name.replaceAll('_', '')} does not go with ${given}`
  return `there is no ${target === undefined ? '' : `${inWords(target)}.`}${name}(${given})`
}
