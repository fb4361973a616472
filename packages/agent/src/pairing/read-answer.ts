import { Problem, type Route } from '@joinery/protocol'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'

/**
 * True if the content of an answer has the types that its route says. A newer server may say more: fields that this agent does not know,
 * and words that are not in its lists.
 */
export const isAnswer = ({ response }: Pick<Route, 'response'>, status: number, content: unknown): boolean => {
  const schema = response[status]
  return schema !== undefined && Value.Check(typesOf(schema), content)
}

/** True if the content is a problem, as every answer is that is no success. */
export const isProblem = (content: unknown): content is Problem => Value.Check(Problem, content)

const known = new WeakMap<TSchema, TSchema>()

const typesOf = (schema: TSchema): TSchema => {
  const types = known.get(schema) ?? (loosened(schema) as TSchema)
  known.set(schema, types)
  return types
}

/** A schema without its lists of words, and without the end of its list of fields. */
const loosened = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(loosened)
  if (typeof schema !== 'object' || schema === null) return schema
  const { enum: words, additionalProperties: _, ...rest } = schema as Record<string, unknown>
  const parts = Object.entries(rest).map(([name, part]) => [name, loosened(part)])
  return { ...Object.fromEntries(parts), ...(words !== undefined && { type: 'string' }) }
}
