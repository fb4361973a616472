import t from 'tap'
import { parse } from 'yaml'
import { definitions, doorNarrowing, withEarlierVersion } from '../../src/door/index.ts'

interface Schema {
  type: string
  enum?: string[]
  description?: string
  maxLength?: number
  pattern?: string
  format?: string
  maximum?: number
  maxItems?: number
  maxProperties?: number
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
  required?: string[]
}
interface Definition {
  metadata: { name: string }
  spec: {
    names: { kind: string; plural: string; categories: string[] }
    scope: string
    versions: {
      name: string
      deprecationWarning?: string
      subresources?: object
      schema: { openAPIV3Schema: Schema }
    }[]
  }
}

const all = definitions as unknown as Definition[]
const schemaOf = ({ spec }: Definition): Schema => spec.versions[0]?.schema.openAPIV3Schema ?? { type: '' }

/** Every schema below `spec` and `status`, by its path. */
const below = (schema: Schema, path: string): [string, Schema][] => [
  [path, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([field, one]) => below(one, `${path}.${field}`)),
  ...(schema.items ? below(schema.items, `${path}[]`) : []),
  ...(schema.additionalProperties ? below(schema.additionalProperties, `${path}{}`) : [])
]
const fields = all.flatMap((one) =>
  ['spec', 'status'].flatMap((part) => {
    const schema = schemaOf(one).properties?.[part]
    return schema === undefined ? [] : below(schema, `${one.spec.names.kind}.${part}`)
  })
)

t.test('O3: kubectl explain has words for each field of spec and status', async (t) => {
  t.ok(fields.length > 100)
  for (const [path, { description }] of fields) t.match(description, /^\S.* .*\.$/, path)
})

t.test('O3: a number says its format', async (t) => {
  const numbers = fields.filter(([, { type }]) => type === 'integer')
  t.ok(numbers.length > 8)
  for (const [path, { format }] of numbers) t.equal(format, 'int64', path)
})

t.test('O3: the category joinery has all kinds', async (t) => {
  for (const { metadata, spec } of all) t.same(spec.names.categories, ['joinery'], metadata.name)
})

t.test('every text, list and map that somebody writes into an object is bounded', async (t) => {
  t.ok(fields.length > 80)
  for (const [path, schema] of fields) {
    if (schema.type === 'string') t.ok(schema.enum || schema.maxLength, path)
    if (schema.type === 'array') t.ok(schema.maxItems, path)
    if (schema.additionalProperties) t.ok(schema.maxProperties, path)
    if (schema.type === 'object') t.ok(schema.properties || schema.additionalProperties, path)
  }
})

t.test(
  'a text that a person writes has no control characters, and none that turn the direction of writing',
  async (t) => {
    const free = fields.filter(
      ([, { type, enum: values, pattern, format }]) => type === 'string' && !values && !format && !pattern
    )
    // keys and values of labels and taints: the API server has rules of its own for them, and the server asks them
    t.same(
      free
        .map(([path]) => path)
        .filter((path) => !/\.(labels\{\}|taints\[\]\.(key|value)|name|keyShort|address|code)$/.test(path)),
      []
    )
    for (const [path, { pattern = '' }] of fields.filter(([path]) =>
      /(?<!conditions\[\])\.(reason|by|message)$/.test(path)
    )) {
      for (const hostile of ['a\u001b[31m', 'a\u0007', 'a\u202eb', 'a\nb'])
        t.notMatch(hostile, new RegExp(pattern, 'u'), path)
      t.match('rack 7 burnt (Ärger)', new RegExp(pattern, 'u'), path)
    }
  }
)

t.test('a Decision must say the role of the machine', async (t) => {
  const [decision] = all.filter(({ spec }) => spec.names.kind === 'Decision')
  t.ok(decision && schemaOf(decision).properties?.spec?.required?.includes('role'))
})

t.test('O3: every status is written apart from the rest, and says for which generation', async (t) => {
  for (const one of all) {
    const { status } = schemaOf(one).properties ?? {}
    t.equal(one.spec.versions[0]?.subresources !== undefined, status !== undefined, one.metadata.name)
    if (status === undefined) continue
    t.match(status.properties, { observedGeneration: { type: 'integer' } }, one.metadata.name)
    t.match(
      status.properties?.conditions,
      { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], items: { required: Array } },
      one.metadata.name
    )
    for (const field of ['observedGeneration', 'conditions'])
      t.notOk(status.required?.includes(field), `${one.metadata.name}: a server of before has no ${field}`)
  }
})

t.test('every kind is cluster-scoped, and says what it is', async (t) => {
  for (const one of all) {
    t.equal(one.spec.scope, 'Cluster', one.metadata.name)
    t.match(schemaOf(one).description, new RegExp(`^${one.spec.names.kind} is .*\\.$`), one.metadata.name)
  }
})

t.test(
  'O3: while objects are moved, both versions have one schema, and views of before are written whole',
  async (t) => {
    for (const one of definitions) {
      const { metadata, spec } = withEarlierVersion(one) as unknown as Definition
      const [present, earlier] = spec.versions
      t.match(present, { name: 'v1beta1', served: true, storage: true }, metadata.name)
      t.match(earlier, { name: 'v1alpha1', served: true, storage: false, deprecated: true }, metadata.name)
      t.same(earlier?.schema, present?.schema, `${metadata.name}: a version only gains fields`)
      t.match(
        earlier?.deprecationWarning,
        /^joinery.dev\/v1alpha1 ends at the next joinery-server setup: use .*v1beta1$/
      )
      const isAsked = ['Decision', 'Code'].includes(spec.names.kind)
      t.equal(earlier?.subresources !== undefined, isAsked, metadata.name)
    }
  }
)

t.test('O3: the policies of the door hold in every version', async (t) => {
  const rules = doorNarrowing
    .map((text) => parse(text.split(/^---$/m)[0] ?? ''))
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .flatMap(({ spec }) => spec.matchConstraints.resourceRules)
  t.ok(rules.length > 3)
  for (const { apiVersions, resources } of rules) t.same(apiVersions, ['*'], resources.join())
})
