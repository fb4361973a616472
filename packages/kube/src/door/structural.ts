/** The parts of a JSON Schema that a CustomResourceDefinition takes over. */
export interface JsonSchema {
  type?: string
  enum?: readonly unknown[]
  properties?: Readonly<Record<string, JsonSchema>>
  patternProperties?: Readonly<Record<string, JsonSchema>>
  items?: JsonSchema
  required?: readonly string[] | undefined
  description?: string
  maxLength?: number
  minLength?: number
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  maxItems?: number
  maxProperties?: number
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: readonly string[]
}

/** A rule in CEL that the API server asks of a value (`x-kubernetes-validations`). */
export interface Rule {
  rule: string
  message: string
}

/** Rules in CEL by the place in the schema of the value that they check: `spec`, `spec.labels`. */
export type Rules = Readonly<Record<string, readonly Rule[]>>

/** A schema as a CustomResourceDefinition has it. */
export type Structural = Record<string, unknown>

const bounds = [
  'maxLength',
  'minLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'maxItems',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys'
] as const

/**
 * The structural schema of a CustomResourceDefinition for a schema of the API (apiextensions.k8s.io/v1, "Specifying a
 * structural schema"). It drops `additionalProperties: false`: the API server drops unknown fields by itself.
 */
export const structural = (schema: JsonSchema, rules: Rules = {}, at = ''): Structural => {
  const path = (field: string): string => (at === '' ? field : `${at}.${field}`)
  const own = Object.fromEntries(bounds.flatMap((bound) => (bound in schema ? [[bound, schema[bound]]] : [])))
  const [values] = Object.values(schema.patternProperties ?? {})
  return {
    type: schema.type ?? 'string',
    ...(schema.description !== undefined && { description: sentence(schema.description) }),
    ...(schema.enum && { enum: schema.enum }),
    // a client that makes types of the schema needs to know how large a number may be
    ...(schema.type === 'integer' && { format: 'int64' }),
    ...own,
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([field, one]) => [field, structural(one, rules, path(field))])
      )
    }),
    ...(schema.required && schema.required.length > 0 && { required: schema.required }),
    ...(values && { additionalProperties: structural(values, rules, path('*')) }),
    ...(schema.items && { items: structural(schema.items, rules, path('*')) }),
    ...(rules[at] && { 'x-kubernetes-validations': rules[at] })
  }
}

/** The description as `kubectl explain` shows it: it begins with a capital letter and ends with a full stop. */
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
