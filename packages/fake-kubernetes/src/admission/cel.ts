import { isDeepStrictEqual } from 'node:util'
import type { Optional, ParseResult } from '@marcbachmann/cel-js'
import { celWords, kubernetesCel, toCel } from '../cel/cel.ts'
import type { Asked } from '../identity/user.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { Question } from './question.ts'

/** Values of an expression's variables. */
export type Variables = Readonly<Record<string, unknown>>

/** The fields without those that Go leaves out by `omitempty`. */
export const filled = (fields: object): object => {
  const isEmpty = (value: unknown): boolean =>
    typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : (value ?? '') === ''
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))
}

/** The object as CEL sees it: it may have an empty `spec`, but no empty `data` and no empty `metadata.labels`. */
export const celObject = (object: KubeObject | undefined): unknown => {
  if (object === undefined) return null
  const { spec, status, ...rest } = object
  return toCel({ ...filled(rest), spec, status, metadata: filled(rest.metadata) })
}

const isSame = (one: Optional, other: Optional): boolean =>
  one.hasValue() === other.hasValue() && (!one.hasValue() || isDeepStrictEqual(one.value(), other.value()))
const asking = ({ authorize, asked }: Question, parts: Partial<Asked>): Question =>
  new Question(authorize, { ...asked, ...parts })
const serviceAccount = (one: Question, namespace: string, name: string): Question => {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  return asking(one, { user: { username: `system:serviceaccount:${namespace}:${name}`, groups, extra: {} } })
}

const sync = { async: false }
const environment = kubernetesCel()
  .registerType('Question', Question)
  .registerOperator('optional == optional', isSame)
  .registerFunction('Question.serviceAccount(string, string): Question', serviceAccount, sync)
  .registerFunction('Question.allowed(): bool', (one: Question) => one.authorize(one.asked).allowed, sync)
  .registerFunction('Question.reason(): string', (one: Question) => one.authorize(one.asked).reason ?? '', sync)
for (const part of ['path', 'group', 'resource', 'subresource', 'namespace', 'name', 'check']) {
  const add = (one: Question, value: string): Question => asking(one, { [part === 'check' ? 'verb' : part]: value })
  environment.registerFunction(`Question.${part}(string): Question`, add, sync)
}
for (const name of ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables', 'authorizer'])
  environment.registerVariable(name, 'dyn')

/** Programs by their text. All stores share them: each test makes the same policies. */
const programs = new Map<string, ParseResult>()

/** Compiles the expression, once. Throws if it is none. */
export const compile = (expression: string): ParseResult => {
  const known = programs.get(expression)
  if (known !== undefined) return known
  const program = environment.parse(expression)
  const { error } = program.check()
  if (error !== undefined) throw error
  programs.set(expression, program)
  return program
}

/** Value of the expression, or its error, in which `failing` is said first (apiserver, plugin/cel/activation.go). */
export const evaluate = (
  expression: string,
  variables: Variables,
  failing = `expression '${expression}' resulted in error`
): { value?: unknown; error?: string } => {
  let step = 'compilation error: compilation failed'
  try {
    const program = compile(expression)
    step = failing
    return { value: program(variables) }
  } catch (error) {
    return { error: `${step}: ${celWords(error)}` }
  }
}
