import type { KubeObject } from '../objects/kube-object.ts'
import { evaluate, type Variables } from './cel.ts'
import type { MatchResources } from './matching.ts'

type Named = Record<'name' | 'expression', string>
type Validation = { expression: string } & Partial<Record<'message' | 'messageExpression' | 'reason', string>>

export interface Policy extends KubeObject {
  spec: {
    failurePolicy?: string
    paramKind?: { apiVersion: string; kind: string }
    matchConstraints?: MatchResources
    matchConditions?: readonly Named[]
    variables?: readonly Named[]
    validations?: readonly Validation[]
  }
}

/** An expression's objection to a request. */
export type Objection = { message: string; reason?: string | undefined }

/** Judges by the expressions of a policy (apiserver, policy/validating/validator.go and webhook/matchconditions/matcher.go). */
export const judge = (spec: Policy['spec'], given: Variables): Objection[] => {
  const { matchConditions = [], variables = [], validations = [], failurePolicy } = spec
  const all = compose(given, variables)
  const failed = (message: string): Objection[] => (failurePolicy === 'Ignore' ? [] : [{ message }])
  const conditions = matchConditions.map(({ expression }) => evaluate(expression, all))
  if (conditions.some(({ value }) => value === false)) return []
  const errors = conditions.flatMap(({ error }) => error ?? [])
  if (errors.length > 0) return failed(errors.length === 1 ? `${errors[0]}` : `[${errors.join(', ')}]`)
  return validations.flatMap((validation) => {
    const { value, error } = evaluate(validation.expression, all)
    if (error !== undefined) return failed(error)
    return value === true ? [] : [{ message: messageOf(validation, all), reason: validation.reason }]
  })
}

/** Adds the policy's own variables, each of which is evaluated at its first use (apiserver, plugin/cel/composition.go). */
const compose = (given: Variables, named: readonly Named[]): Variables => {
  const all = { ...given, variables: {} }
  for (const { name, expression } of named) {
    let found: ReturnType<typeof evaluate> | undefined
    const get = (): unknown => {
      found ??= evaluate(expression, all, `composited variable "${name}" fails to evaluate`)
      if (found.error !== undefined) throw new Error(found.error)
      return found.value
    }
    Object.defineProperty(all.variables, name, { get, enumerable: true })
  }
  return all
}

const messageOf = (
  { expression, message = '', messageExpression = "''" }: Validation,
  variables: Variables
): string => {
  const { value } = evaluate(messageExpression, variables)
  const made = typeof value === 'string' ? value.trim() : ''
  // a message has one line, and 5 KiB at most (apiserver, apis/cel/config.go)
  const isUsable = !made.includes('\n') && Buffer.byteLength(made) <= 5 * 1024
  return (isUsable && made) || message.trim() || `failed expression: ${expression.trim()}`
}
