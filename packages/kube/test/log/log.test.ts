import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import type { Manifest } from '../../src/apply.ts'
import { headName, logDefinitions, logGroup, packedAtMost } from '../../src/log/index.ts'
import { manifests, outdated } from '../../src/manifests/index.ts'
import { namespace, policies } from '../../src/names.ts'

interface Schema {
  type: string
  maxLength?: number
  maxItems?: number
  maximum?: number
  pattern?: string
  properties?: Record<string, Schema>
  items?: Schema
  required?: string[]
  'x-kubernetes-validations'?: { rule: string }[]
}
type Definition = Manifest & {
  spec: {
    scope: string
    group: string
    versions: { name: string; subresources?: object; schema: { openAPIV3Schema: Schema } }[]
  }
}
type Rbac = Manifest & {
  rules: { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }[]
}

const kinds = logDefinitions as Definition[]
const schemaOf = ({ spec }: Definition): Schema => spec.versions[0]?.schema.openAPIV3Schema ?? { type: '' }
const specOf = (one: Definition): Schema => schemaOf(one).properties?.spec ?? { type: '' }

/** Every schema below, by its path. */
const below = (schema: Schema, path: string): [string, Schema][] => [
  [path, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([field, one]) => below(one, `${path}.${field}`)),
  ...(schema.items ? below(schema.items, `${path}[]`) : [])
]

t.test('both kinds of the log are in a namespace, in one version, without a status', async (t) => {
  t.same(
    kinds.map(({ metadata }) => metadata.name),
    ['logheads.log.joinery.dev', 'logdocuments.log.joinery.dev']
  )
  for (const { metadata, spec } of kinds) {
    t.match(spec, { scope: 'Namespaced', group: logGroup, versions: [{ name: 'v1' }] }, metadata.name)
    t.equal(spec.versions.length, 1)
    t.notOk(spec.versions[0]?.subresources, metadata.name)
    t.notMatch(JSON.stringify(spec), /preserve-unknown-fields/, metadata.name)
  }
})

t.test('every field of the log is bounded and must be there', async (t) => {
  let seen = 0
  for (const one of kinds) {
    for (const [path, schema] of below(specOf(one), one.metadata.name)) {
      seen += 1
      if (schema.type === 'string') t.ok(schema.maxLength && schema.pattern, path)
      if (schema.type === 'array') t.ok(schema.maxItems, path)
      if (schema.type === 'integer') t.ok(schema.maximum, path)
      if (schema.type === 'object') t.same(schema.required, Object.keys(schema.properties ?? {}), path)
    }
  }
  t.ok(seen > 15)
})

t.test('a text of the log is base64 of at most half a megabyte, and the name of the head is fixed', async (t) => {
  const [head, document] = kinds as [Definition, Definition]
  for (const text of [specOf(document).properties?.text, specOf(head).properties?.batches?.items?.properties?.text]) {
    t.equal(text?.maxLength, packedAtMost)
    const pattern = new RegExp(text?.pattern ?? '')
    for (const good of ['', 'QQ==', 'QUI=', 'H4sIAAAAAAAAA/+'] as const) t.match(good, pattern)
    for (const bad of ['a b', 'a\u001b', '=a', 'a===', 'ü', 'a\n', '-_']) t.notMatch(bad, pattern, bad)
  }
  t.same(
    schemaOf(head)['x-kubernetes-validations']?.map(({ rule }) => rule),
    [`self.metadata.name == '${headName}'`]
  )
})

t.test('C12: a head goes back under no id, and a document only with another log', async (t) => {
  const rules = kinds.map((one) => specOf(one)['x-kubernetes-validations']?.map(({ rule }) => rule))
  t.same(rules, [
    ['self.number >= oldSelf.number && self.term >= oldSelf.term'],
    ['self.log != oldSelf.log || self.number >= oldSelf.number']
  ])
})

t.test('the list of heads shows numbers and who wrote, and no content', async (t) => {
  const columns = kinds.map(({ spec }) =>
    (spec.versions[0] as { additionalPrinterColumns?: { jsonPath: string }[] }).additionalPrinterColumns?.map(
      ({ jsonPath }) => jsonPath
    )
  )
  t.same(columns, [
    ['.spec.number', '.spec.term', '.spec.holder', '.metadata.creationTimestamp'],
    ['.spec.number', '.metadata.creationTimestamp']
  ])
})

const off = manifests({ credential: 'token', kubeProxy: false })
const on = manifests({ credential: 'token', kubeProxy: false, log: true })
const title = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

t.test(
  'only store: cluster gives kinds for the log and rights to them; setup takes the rights back and leaves the kinds',
  async (t) => {
    const added = on.filter((object) => !off.some((other) => isDeepStrictEqual(object, other)))
    const rights = [
      'FlowSchema /joinery-server-leases',
      `Role ${namespace}/joinery-log`,
      `RoleBinding ${namespace}/joinery-log`
    ]
    t.same(added.map(title), [
      'CustomResourceDefinition /logheads.log.joinery.dev',
      'CustomResourceDefinition /logdocuments.log.joinery.dev',
      ...rights
    ])
    t.same(
      off.filter((object) => !on.some((other) => isDeepStrictEqual(object, other))),
      []
    )
    const gone = outdated({ credential: 'token', serving: true, diagnosis: true })
    t.same(gone.map(title), rights.toReversed())
    t.same(outdated({ credential: 'token', serving: true, diagnosis: true, log: true }), [])
  }
)

t.test('the server may move the head, and never delete it', async (t) => {
  const rules = (on as Rbac[])
    .filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace === namespace)
    .flatMap((role) => role.rules)
  const of = (resource: string) =>
    rules
      .filter(({ resources }) => resources.includes(resource))
      .map(({ resourceNames, verbs }) => [resourceNames?.join() ?? '', verbs.join()])
  t.same(of('logheads'), [
    ['', 'create'],
    [headName, 'patch'],
    [headName, 'get']
  ])
  t.same(of('logdocuments'), [['', 'get,list,watch,create,update,delete']])
  t.same(of('leases'), [['', 'get,list,create,update,delete']])
  const without = (off as Rbac[]).flatMap(({ kind, rules = [] }) => (kind === 'Role' ? rules : []))
  t.same(
    without
      .filter(({ apiGroups }) => apiGroups.includes(logGroup))
      .map(({ resources, verbs }) => [...resources, ...verbs]),
    [['logheads', 'get']],
    'a server with store: file sees whether there is a head'
  )
})

t.test('the policies of the log are there with every store, and are for one namespace or one group', async (t) => {
  const found = off.filter(
    ({ kind, metadata }) =>
      kind === 'ValidatingAdmissionPolicy' && ['joinery-log', 'joinery-server-leases'].includes(metadata.name)
  ) as (Manifest & { spec: { matchConstraints: object; failurePolicy: string } })[]
  t.equal(found.length, 2)
  for (const { metadata } of found) t.ok((policies as readonly string[]).includes(metadata.name))
  const [objects, leases] = found
  const rule = { apiGroups: [logGroup], apiVersions: ['*'], resources: ['*/*'], scope: '*' }
  t.same(objects?.spec.matchConstraints, {
    resourceRules: [{ ...rule, operations: ['CREATE', 'UPDATE', 'DELETE'] }],
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {}
  })
  t.match(leases?.spec.matchConstraints, {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }
  })
})

t.test(
  'A3: the policy for the Leases takes small steps, and lets an administrator have the Lease made anew',
  async (t) => {
    const policy = off.find(
      ({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name === 'joinery-server-leases'
    ) as Manifest & {
      spec: { variables: { name: string; expression: string }[]; validations: { expression: string }[] }
    }
    const { variables, validations } = policy.spec
    t.match(variables.find(({ name }) => name === 'mayGo')?.expression, /deletes && !variables.isServer/)
    t.match(
      validations.map(({ expression }) => expression),
      [
        /isOurs == variables.isServer \|\| variables.isNoted \|\| variables.mayGo$/,
        /deletes \|\| variables.mayGo$/,
        /finalizers/,
        /term <= 1073741824\s+: .* >= variables.before && variables.term <= variables.before \+ 1000\)$/
      ]
    )
  }
)
