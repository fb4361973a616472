import { isDeepStrictEqual } from 'node:util'
import type { ParseResult } from '@marcbachmann/cel-js'
import { celWords, kubernetesCel, toCel } from '../../cel/cel.ts'
import type { Fault } from '../../objects/refused.ts'
import * as faults from '../faults.ts'
import { isRecord } from '../field-at.ts'
import { below, keyOf, type Place, placesOf, type Schema } from './schema.ts'

const { when } = faults

/** Faults of an object by its schema, then by the rules in CEL if the schema let it pass that far. */
export const judgeCustom = (schema: Schema, value: object, before: object | undefined): Fault[] => {
  const places = placesOf({ schema, path: '', value, before })
  const bySchema = places.flatMap((place) => (isAsBefore(place) ? [] : judgeSchema(place)))
  const isBlocked = bySchema.some(({ reason }) => /Required|TooLong|TooMany|TypeInvalid/.test(reason))
  return [...bySchema, ...(isBlocked ? [unchecked] : places.flatMap(judgeRules))]
}

const unchecked = faults.invalidValue(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'
)

/** True if an update leaves the value as it was: its faults are older than the rule about them (CRDValidationRatcheting). */
const isAsBefore = ({ value, before }: Place): boolean => before !== undefined && isDeepStrictEqual(value, before)

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value

const sizeOf = (value: unknown): number =>
  typeof value === 'string' ? [...value].length : Object.keys(Object(value)).length

const date = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

const inBody = (isFault: boolean, field: string, value: unknown, words: string): Fault[] =>
  when(isFault, faults.invalidValue(field, value, `${field} in body ${words}`))

/** Judges a value of the right type by one keyword. */
type Check = (value: unknown, field: string, limit: never, schema: Schema) => Fault[]

/** Checks by keyword, in the words of the API server (kube-openapi, validation/errors; kubeOpenAPIResultToFieldErrors). */
const checks: Readonly<Record<string, Check>> = {
  required: (value, field, names: readonly string[]) =>
    names.flatMap((name) =>
      when(isRecord(value) && value[name] === undefined, faults.requiredField(below(field, name)))
    ),
  enum: (value, field, values: readonly unknown[]) =>
    when(!values.includes(value), faults.notSupported(field, value, values)),
  format: (value, field, format: string) =>
    inBody(
      format === 'date-time' && !date.test(String(value)),
      field,
      value,
      `must be of type ${format}: ${JSON.stringify(value)}`
    ),
  pattern: (value, field, pattern: string) =>
    inBody(!new RegExp(pattern, 'u').test(String(value)), field, value, `should match '${pattern}'`),
  minLength: (value, field, least: number) =>
    inBody(sizeOf(value) < least, field, value, `should be at least ${least} chars long`),
  maxLength: (value, field, most: number) => when(sizeOf(value) > most, faults.tooLong(field, most)),
  minItems: (value, field, least: number) =>
    inBody(sizeOf(value) < least, field, value, `should have at least ${least} items`),
  maxItems: (value, field, most: number) => when(sizeOf(value) > most, faults.tooMany(field, sizeOf(value), most)),
  maxProperties: (value, field, most: number) => when(sizeOf(value) > most, faults.tooMany(field, sizeOf(value), most)),
  minimum: (value, field, least: number) =>
    inBody(Number(value) < least, field, value, `should be greater than or equal to ${least}`),
  maximum: (value, field, most: number) =>
    inBody(Number(value) > most, field, value, `should be less than or equal to ${most}`),
  'x-kubernetes-list-type': (value, field, type: string, { 'x-kubernetes-list-map-keys': keys }) => {
    const items = type === 'atomic' || !Array.isArray(value) ? [] : value
    const known = items.map((item) => keyOf(item, keys))
    return items.flatMap((item, at) =>
      when(known.indexOf(known[at] ?? '') < at, faults.duplicate(`${field}[${at}]`, item))
    )
  }
}

const judgeSchema = ({ schema, path, value }: Place): Fault[] => {
  const { type, nullable } = schema
  const found = typeOf(value)
  if (value === null && nullable) return []
  if (type !== undefined && type !== found && !(type === 'number' && found === 'integer'))
    return [faults.invalidType(path, found, `${path} in body must be of type ${type}: "${found}"`)]
  return Object.entries(schema).flatMap(
    ([keyword, limit]) => checks[keyword]?.(value, path, limit as never, schema) ?? []
  )
}

const environment = kubernetesCel()
const rules = new Map<string, ParseResult>()

/** The rule, parsed once: all clusters of a test have the same definitions. */
const parsed = (rule: string): ParseResult => {
  const known = rules.get(rule) ?? environment.parse(rule)
  rules.set(rule, known)
  return known
}

const judgeRules = (place: Place): Fault[] => {
  const { schema, path, value, before } = place
  const all = schema['x-kubernetes-validations'] ?? []
  if (all.length === 0 || value === null) return []
  const [self, oldSelf] = [toCel(value), toCel(before ?? undefined)]
  return all.flatMap(({ rule, message }) => {
    // a transition is judged only if there is something that it comes from
    if (/\boldSelf\b/.test(rule) ? oldSelf === undefined : isAsBefore(place)) return []
    const field = path.replace(/^\./, '') || '<nil>'
    try {
      if (parsed(rule)({ self, oldSelf }) === true) return []
    } catch (error) {
      return [faults.invalidValue(field, schema.type, `${celWords(error)} evaluating rule: ${message ?? rule}`)]
    }
    // a value that is not plain is left out (apiextensions, schema/cel/validation.go)
    const isPlain = typeof value !== 'object'
    const detail = message ?? `failed rule: ${rule}`
    return [isPlain ? faults.invalidValue(field, value, detail) : faults.invalidHidden(field, detail)]
  })
}
