import t from 'tap'
import { discovery } from '../../src/kinds/discovery.ts'
import type { Kind } from '../../src/kinds/kind.ts'
import { Kinds } from '../../src/kinds/kinds.ts'
import type { KubeObject } from '../../src/objects/kube-object.ts'
import { Objects } from '../../src/objects/objects.ts'

const now = new Date('2026-01-01T00:00:00Z')
const user = { username: 'alice', groups: ['system:authenticated'], extra: {} }
const definitions = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' }

const text = (more: object = {}) => ({ type: 'string', ...more })
const schema = {
  type: 'object',
  required: ['spec'],
  'x-kubernetes-validations': [{ rule: "self.metadata.name.startsWith('t')", message: 'its name begins with t' }],
  properties: {
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      required: ['name'],
      'x-kubernetes-validations': [
        { rule: 'self.count >= oldSelf.count', message: 'it never goes back' },
        { rule: 'oldSelf.name == self.name', message: 'it keeps its name' },
        { rule: "self.size == 'small' || self.role == 'worker'" }
      ],
      properties: {
        name: text({ minLength: 1, maxLength: 8, pattern: '^[^\\p{C}]*$' }),
        role: text({ enum: ['worker', 'control-plane'] }),
        size: text({ default: 'small', 'x-kubernetes-validations': [{ rule: "self != 'odd'", message: 'it is odd' }] }),
        count: { type: 'integer', minimum: 0, maximum: 9, default: 0 },
        at: text({ format: 'date-time' }),
        labels: { type: 'object', maxProperties: 1, additionalProperties: text() },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        list: {
          type: 'array',
          maxItems: 2,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          items: { type: 'object', properties: { type: text(), text: text({ pattern: '^[a-z]*$' }) } }
        }
      }
    },
    status: { type: 'object', properties: { state: text() } }
  }
}
const version = { served: true, storage: false, schema: { openAPIV3Schema: schema }, subresources: { status: {} } }
const definition = (): KubeObject =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Cluster',
      names: { kind: 'Thing', plural: 'things', shortNames: ['th'] },
      versions: [
        { ...version, name: 'v1', storage: true, selectableFields: [{ jsonPath: '.spec.name' }] },
        { ...version, name: 'v1beta1' },
        { ...version, name: 'v1alpha1', served: false }
      ]
    }
  }) as unknown as KubeObject

const open = () => {
  const objects = new Objects(() => now)
  const kinds = new Kinds(objects)
  const kind = kinds.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions') as Kind
  const object = definition()
  kind.prepare(object, { subresource: '', now, user })
  t.same(kind.judge(object, { subresource: '', now, user }), [])
  objects.create(kind, object)
  return { objects, kinds, thing: kinds.find('example.org', 'v1', 'things') as Kind }
}

const thing = (spec: object | undefined, name = 'thing'): KubeObject =>
  ({ apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name }, ...(spec && { spec }) }) as unknown as KubeObject

t.test('a definition makes its kinds at once, and takes them and their objects along', async (t) => {
  const { objects, kinds, thing: kind } = open()
  t.match(objects.get(definitions, 'things.example.org'), {
    spec: { names: { listKind: 'ThingList', singular: 'thing' } },
    status: { storedVersions: ['v1'], conditions: [{ type: 'NamesAccepted' }, { type: 'Established', status: 'True' }] }
  })
  t.equal(kinds.byKind('example.org', 'v1beta1', 'Thing')?.plural, 'things')
  t.equal(kinds.find('example.org', 'v1alpha1', 'things'), undefined, 'it is not served')
  t.equal(kind.selectable['spec.name']?.(thing({ name: 'a' })), 'a')
  objects.create(kind, thing({ name: 'a' }))
  objects.delete(definitions, 'things.example.org')
  t.equal(kinds.find('example.org', 'v1', 'things'), undefined)
  t.same(objects.list(kind), [])
})

t.test('a custom object gets defaults, loses what is unknown, and keeps status and spec apart', async (t) => {
  const { thing: kind } = open()
  const next: KubeObject = {
    ...thing({ name: 'a', odd: 1, any: { odd: 1 }, list: [{ type: 'a', odd: 1 }] }),
    status: { state: 'new' }
  }
  t.same(kind.unknown?.(next), ['spec.odd', 'spec.list[0].odd'])
  kind.prepare(next, { subresource: '', now, user })
  t.same(next.spec, { name: 'a', any: { odd: 1 }, list: [{ type: 'a' }], size: 'small', count: 0 })
  t.equal(next.status, undefined)
  t.equal(next.metadata.generation, 1)
  const before = next
  const byStatus = { ...thing({ name: 'b' }), status: { state: 'old' } }
  kind.prepare(byStatus, { before, subresource: 'status', now, user })
  t.match(byStatus, { spec: { name: 'a' }, status: { state: 'old' }, metadata: { generation: 1 } })
  const changed = { ...thing({ name: 'b' }), status: { state: 'other' } }
  kind.prepare(changed, { before: byStatus, subresource: '', now, user })
  t.match(changed, { spec: { name: 'b' }, status: { state: 'old' }, metadata: { generation: 2 } })
})

t.test('a custom object is judged in the words of the API server', async (t) => {
  const { thing: kind } = open()
  const unchecked = /^<nil>: Invalid value: null: some validation rules were not checked/
  const good = { name: 'a', size: 'small', count: 1 }
  const rows: [what: string, object: KubeObject, faults: (string | RegExp)[], before?: KubeObject][] = [
    ['a good one', thing({ ...good, at: '2026-01-01T00:00:00.000Z' }), []],
    ['no spec', thing(undefined), ['spec: Required value', unchecked]],
    ['no name in it', thing({ count: 1 }), ['spec.name: Required value', unchecked]],
    ['a bad name', thing(good, 'tT'), [/^metadata.name: Invalid value: "tT": a lowercase RFC 1123 subdomain must/]],
    [
      'too long',
      thing({ ...good, name: 'a'.repeat(9) }),
      ['spec.name: Too long: may not be more than 8 bytes', unchecked]
    ],
    ['ESC', thing({ ...good, name: '\u001b' }), [/^spec.name: Invalid value: .*: spec.name in body should match '/]],
    [
      'no such role',
      thing({ ...good, role: 'Worker' }),
      ['spec.role: Unsupported value: "Worker": supported values: "worker", "control-plane"']
    ],
    [
      'another type',
      thing({ ...good, count: 'one' }),
      ['spec.count: Invalid value: "string": spec.count in body must be of type integer: "string"', unchecked]
    ],
    ['null', thing({ ...good, role: null }), [/spec.role in body must be of type string: "null"$/, unchecked]],
    [
      'below the minimum',
      thing({ ...good, count: -1 }),
      ['spec.count: Invalid value: -1: spec.count in body should be greater than or equal to 0']
    ],
    [
      'no time',
      thing({ ...good, at: 'tomorrow' }),
      [/^spec.at: Invalid value: "tomorrow": spec.at in body must be of type date-time/]
    ],
    [
      'too many',
      thing({ ...good, labels: { a: '', b: '' } }),
      ['spec.labels: Too many: 2: must have at most 1 items', unchecked]
    ],
    [
      'in a list',
      thing({ ...good, list: [{ type: 'a' }, { type: 'a', text: '?' }] }),
      ['spec.list[1]: Duplicate value: {"type":"a","text":"?"}', /^spec.list\[1\].text: Invalid value: "\?"/]
    ],
    ['a rule of the object', thing(good, 'other'), ['<nil>: Invalid value: its name begins with t']],
    [
      'a rule of a text',
      thing({ ...good, size: 'odd', role: 'worker' }),
      ['spec.size: Invalid value: "odd": it is odd']
    ],
    [
      'a rule that fails',
      thing({ ...good, size: 'large' }),
      [/^spec: Invalid value: "object": no such key: role evaluating rule: self.size == 'small' \|\|/]
    ],
    ['it goes on', thing({ ...good, count: 2 }), [], thing(good)],
    ['it goes back', thing({ ...good, count: 0 }), ['spec: Invalid value: it never goes back'], thing(good)],
    ['another name', thing({ ...good, name: 'b' }), ['spec: Invalid value: it keeps its name'], thing(good)],
    [
      'a fault that was there before',
      thing({ ...good, name: 'x', role: '?' }),
      [],
      thing({ ...good, name: 'x', role: '?' })
    ]
  ]
  for (const [what, object, expected, before] of rows) {
    const faults = kind.judge(object, { subresource: '', now, user, ...(before && { before }) })
    const said = faults.map(({ field, message }) => `${field}: ${message}`)
    t.match(said, expected, what)
    t.equal(said.length, expected.length, `${what}: ${said.join()}`)
  }
})

t.test('discovery tells of groups, versions and resources', async (t) => {
  const { kinds } = open()
  const get = (path: string) => discovery(kinds.all(), path)
  t.match(get('/api'), { kind: 'APIVersions', versions: ['v1'] })
  t.match(get('/apis/example.org'), { kind: 'APIGroup', preferredVersion: { groupVersion: 'example.org/v1' } })
  t.match(get('/apis/example.org/v1'), {
    groupVersion: 'example.org/v1',
    resources: [
      { name: 'things', singularName: 'thing', kind: 'Thing', namespaced: false, shortNames: ['th'] },
      { name: 'things/status', singularName: '', verbs: ['get', 'patch', 'update'] }
    ]
  })
  t.equal(get('/apis/example.org/v2'), undefined)
  const { resources } = get('/api/v1') as { resources: { name: string }[] }
  t.match(
    resources.find(({ name }) => name === 'serviceaccounts/token'),
    { kind: 'TokenRequest', verbs: ['create'] }
  )
  const { groups } = get('/apis') as { groups: { name: string }[] }
  t.equal(groups.at(-1)?.name, 'example.org')
})
