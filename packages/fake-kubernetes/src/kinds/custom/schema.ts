import { isRecord } from '../field-at.ts'

/** A rule in CEL of a CustomResourceDefinition. */
export interface Rule {
  rule: string
  message?: string
}

/** The structural schema of a CustomResourceDefinition, as far as it is read here. The rest is a JSON Schema. */
export interface Schema {
  type?: string
  properties?: Readonly<Record<string, Schema>>
  additionalProperties?: Schema | boolean
  items?: Schema
  default?: unknown
  nullable?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: readonly string[]
  'x-kubernetes-validations'?: readonly Rule[]
}

/** A value, and the value in its place before, with their schema. */
export interface Place {
  schema: Schema
  path: string
  value: unknown
  before: unknown
}

/** The schema of a field. Undefined if there is none. */
const schemaOf = ({ properties, additionalProperties }: Schema, name: string): Schema | undefined =>
  properties?.[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)

export const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** A copy with the defaults and without the fields that the schema does not know. Their paths go to `unknown`. */
export const pruned = (schema: Schema, value: unknown, unknown: string[] = [], path = ''): unknown => {
  const { items, properties = {}, additionalProperties } = schema
  if (Array.isArray(value) && items) return value.map((one, at) => pruned(items, one, unknown, `${path}[${at}]`))
  if (!isRecord(value)) return value
  const keepsAll = additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  const lacks = ([name, own]: [string, Schema]) =>
    own.default !== undefined && (value[name] === undefined || (value[name] === null && !own.nullable))
  const defaults = Object.entries(properties).filter(lacks)
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const own = schemaOf(schema, name)
    if (own !== undefined) return [[name, pruned(own, field, unknown, below(path, name))]]
    if (!keepsAll) unknown.push(below(path, name))
    return keepsAll ? [[name, field]] : []
  })
  return Object.fromEntries([...fields, ...defaults.map(([name, own]) => [name, pruned(own, own.default)])])
}

/** All values below, and the value itself. Items of a list correspond to earlier ones by their keys alone. */
export const placesOf = (place: Place): Place[] => {
  const { schema, path, value, before } = place
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items, 'x-kubernetes-list-map-keys': keys } = schema
    const earlier = (item: unknown) =>
      keys && Array.isArray(before) ? before.find((one) => keyOf(one, keys) === keyOf(item, keys)) : undefined
    const inside = (item: unknown, at: number) =>
      placesOf({ schema: items, path: `${path}[${at}]`, value: item, before: earlier(item) })
    return [place, ...value.flatMap(inside)]
  }
  if (!isRecord(value)) return [place]
  const inside = Object.entries(value).flatMap(([name, field]) => {
    const own = schemaOf(schema, name)
    const earlier = isRecord(before) ? before[name] : undefined
    return own === undefined ? [] : placesOf({ schema: own, path: below(path, name), value: field, before: earlier })
  })
  return [place, ...inside]
}

/** Text that is the same for items of a list that count as one. */
export const keyOf = (item: unknown, keys: readonly string[] | undefined): string =>
  JSON.stringify(keys && isRecord(item) ? keys.map((key) => item[key]) : item)
