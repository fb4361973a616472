import t from 'tap'
import type { Kind } from '../../src/kinds/kind.ts'
import type { KubeObject, Meta } from '../../src/objects/kube-object.ts'
import { apply, recordUpdate } from '../../src/patches/apply.ts'

const kind = { mergeKeys: { 'spec.ports': ['name'], 'metadata.finalizers': [] } } as unknown as Kind
const [first, later] = [new Date('2026-01-01T00:00:00.5Z'), new Date('2026-01-02T00:00:00Z')]

const object = (spec: object, more: object = {}): KubeObject => {
  return { apiVersion: 'v1', kind: 'Any', metadata: { name: 'any', ...more } as Meta, spec }
}

const applied = (current: KubeObject | undefined, next: KubeObject, more: object = {}) =>
  apply({ kind, current, applied: next, manager: 'joinery', force: false, now: first, subresource: '', ...more })

const updated = (before: KubeObject | undefined, next: KubeObject, subresource = ''): KubeObject => {
  const managedFields = recordUpdate({ kind, before, next, manager: 'kubelet', now: later, subresource })
  return { ...next, metadata: { ...next.metadata, managedFields } }
}

const owners = ({ metadata: { managedFields = [] } }: KubeObject) =>
  managedFields.map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1])

const [port, other] = ['x', 'y'].map((name) => ({ name, port: 1 }))
const inPort = (fields: object) => ({ 'f:ports': { 'k:{"name":"x"}': fields } })

t.test('an apply makes an object, and owns what it states', async (t) => {
  const config = object({ a: 1, m: {}, l: [1], ports: [port] }, { labels: { b: 'c' }, finalizers: ['d'] })
  const made = applied(undefined, config)
  const entry = { manager: 'joinery', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1' }
  const fieldsV1 = {
    'f:metadata': { 'f:labels': { 'f:b': {} }, 'f:finalizers': { 'v:"d"': {} } },
    'f:spec': { 'f:a': {}, 'f:m': {}, 'f:l': {}, ...inPort({ '.': {}, 'f:name': {}, 'f:port': {} }) }
  }
  t.same(made.metadata.managedFields, [{ ...entry, time: '2026-01-01T00:00:00Z', fieldsV1 }])
  t.strictSame(applied(made, config, { now: later }), made, 'the same again changes nothing, nor the time')
})

t.test('an apply removes what it no longer states, unless another owns it', async (t) => {
  const made = applied(undefined, object({ a: 1, b: 2, m: { c: 3 }, ports: [port, other] }))
  const shared = applied(made, object({ b: 2 }), { manager: 'git' })
  const left = applied(shared, object({ ports: [other] }), { now: later })
  t.same(left.spec, { b: 2, ports: [other] })
  t.match(left.metadata.managedFields, [{ manager: 'git' }, { manager: 'joinery', time: '2026-01-02T00:00:00Z' }])
})

t.test('an apply conflicts with other owners of what it changes, and takes it by force', async (t) => {
  const made = applied(undefined, object({ a: 1, b: 2, ports: [port] }))
  const changed = updated(made, object({ a: 5, b: 2, ports: [{ ...port, port: 6 }] }))
  const [mine, theirs] = [inPort({ '.': {}, 'f:name': {} }), inPort({ 'f:port': {} })]
  t.same(owners(changed), [
    ['joinery', 'Apply', { 'f:spec': { 'f:b': {}, ...mine } }],
    ['kubelet', 'Update', { 'f:spec': { 'f:a': {}, ...theirs } }]
  ])
  const by = 'with "kubelet" using v1'
  t.throws(() => applied(changed, object({ a: 1 })), {
    ...{ code: 409, reason: 'Conflict', message: `Apply failed with 1 conflict: conflict ${by}: .spec.a` },
    details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.a', message: `conflict ${by}` }] }
  })
  const both = `Apply failed with 2 conflicts: conflicts ${by}:\n- .spec.a\n- .spec.ports[name="x"].port`
  t.throws(() => applied(changed, object({ a: 1, ports: [port] })), { message: both })
  t.equal(owners(applied(changed, object({ a: 5 }))).length, 2, 'the same value is shared')
  const forced = applied(changed, object({ a: 1, ports: [{ name: 'x' }] }), { force: true })
  t.same(forced.spec, { a: 1, ports: [{ ...port, port: 6 }] })
  t.same(owners(forced), [
    ['joinery', 'Apply', { 'f:spec': { 'f:a': {}, ...mine } }],
    ['kubelet', 'Update', { 'f:spec': theirs }]
  ])
})

t.test('an update owns what it adds, by its subresource', async (t) => {
  const made = updated(undefined, object({ m: { a: 1 } }))
  t.same(owners(made), [['kubelet', 'Update', { 'f:spec': { '.': {}, 'f:m': { '.': {}, 'f:a': {} } } }]])
  const status = updated(made, { ...made, status: 1 }, 'status')
  t.match(status.metadata.managedFields, [
    { operation: /Apply|Update/ },
    { subresource: 'status', fieldsV1: { 'f:status': Object } }
  ])
  t.strictSame(updated(status, status), status, 'an update that changes nothing records nothing')
})

t.test('an empty list of managed fields forgets all owners', async (t) => {
  const made = updated(undefined, object({ a: 1 }))
  for (const managedFields of [[], [{}]]) t.same(owners(updated(made, object({ a: 2 }, { managedFields }))), [])
  t.equal(owners(updated(made, object({ a: 2 }))).length, 1, 'none at all is no such list')
  t.throws(() => applied(made, made), { code: 400, message: 'metadata.managedFields must be nil' })
})
