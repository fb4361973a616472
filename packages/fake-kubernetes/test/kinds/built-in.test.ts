import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import type { Write } from '../../src/kinds/kind.ts'
import { Kinds } from '../../src/kinds/kinds.ts'
import type { KubeObject } from '../../src/objects/kube-object.ts'
import { Objects } from '../../src/objects/objects.ts'

const now = new Date('2026-01-01T00:00:00Z')
const user = { username: 'alice', uid: 'u', groups: ['g'], extra: { k: ['v'] } }
const kinds = new Kinds(new Objects(() => now))

/** Plays a write: gives the object as it is to be stored, and its faults. */
const play = (api: string, kind: string, fields: object, more: Partial<Write> = {}) => {
  const [version = '', group = ''] = api.split('/').reverse()
  const found = kinds.byKind(group, version, kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  const next = { apiVersion: api, kind, metadata: { name: 'a' }, ...fields } as unknown as KubeObject
  const write = { subresource: '', now, user, ...more }
  found.prepare(next, write)
  const faults = found.judge(next, write).map(({ field, message }) => `${field}: ${message}`)
  return { next: JSON.parse(JSON.stringify(next)) as KubeObject, faults, kind: found }
}

t.test('a Node keeps spec and status apart, and its taints are unique', async (t) => {
  const status = { addresses: [{ type: 'Hostname', address: 'a' }] }
  const { next, kind } = play('v1', 'Node', { metadata: { name: 'a', labels: {} }, spec: { taints: [] }, status })
  t.same(next, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: {}, status })
  t.equal(kind.selectable['spec.unschedulable']?.(next), 'false')
  const taint = { key: 'k', effect: 'NoSchedule' }
  const change = { spec: { podCIDR: '10.0.0.0/24', taints: [taint, taint] }, status: {} }
  const changed = play('v1', 'Node', change, { before: next })
  t.same(changed.next.status, status)
  t.same(changed.faults, ['spec.taints[1]: Duplicate value: {"key":"k","effect":"NoSchedule"}'])
  const again = play('v1', 'Node', { spec: { podCIDR: '10.0.1.0/24' } }, { before: changed.next })
  t.match(again.faults, [/^\[\]: Forbidden: node updates may only change labels, taints, or capacity/])
  const reported = play(
    'v1',
    'Node',
    { spec: { unschedulable: true }, status: {} },
    { before: next, subresource: 'status' }
  )
  t.same(reported.next.spec, next.spec)
})

t.test('data of ConfigMaps and Secrets has a limit, and may be frozen', async (t) => {
  const large = 'a'.repeat(1024 * 1024)
  t.same(play('v1', 'ConfigMap', { data: { a: large } }).faults, [])
  t.same(play('v1', 'ConfigMap', { data: { a: large, b: 'b' } }).faults, [
    '[]: Too long: may not be more than 1048576 bytes'
  ])
  const { next } = play('v1', 'Secret', { stringData: { a: 'b' }, data: { c: 'ZA==' }, immutable: true })
  t.match(next, { type: 'Opaque', data: { a: 'Yg==', c: 'ZA==' }, stringData: undefined })
  t.same(play('v1', 'Secret', { type: 'other', immutable: true }, { before: next }).faults, [
    'data: Forbidden: field is immutable when `immutable` is set',
    'type: Invalid value: "other": field is immutable'
  ])
})

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  return Buffer.concat([Buffer.from(length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255]), content])
}

/** A PKCS#10 request of a new key, with its last byte changed by that much. */
const request = (damage = 0): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const info = der(0x30, der(2, Buffer.from([0])), der(0x30), spki, der(0xa0))
  const algorithm = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const whole = der(0x30, info, algorithm, der(3, Buffer.from([0]), sign('sha256', info, privateKey)))
  whole.writeUInt8(whole.readUInt8(whole.length - 1) ^ damage, whole.length - 1)
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${whole.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  return Buffer.from(pem).toString('base64')
}

t.test('a CSR says who asks, is approved by approval alone, and is judged', async (t) => {
  const api = 'certificates.k8s.io/v1'
  const kind = 'CertificateSigningRequest'
  const spec = {
    request: request(),
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['client auth']
  }
  const status = { conditions: [{ type: 'Approved', status: 'True' }] }
  const made = play(api, kind, { spec: { ...spec, username: 'mallory' }, status })
  t.same(made.faults, [])
  t.same(made.next.spec, { ...spec, ...user })
  t.same(made.next.status, {})
  const by = (subresource: string, before: KubeObject, status: object) =>
    play(api, kind, { spec: {}, status }, { before, subresource })
  t.same(by('', made.next, status).next, made.next, 'nothing but its metadata')
  t.same(by('status', made.next, status).next.status, {})
  const { next: approved } = by('approval', made.next, { ...status, certificate: 'x' })
  t.match(approved, {
    spec,
    status: { conditions: [{ ...status.conditions[0], lastUpdateTime: '2026-01-01T00:00:00Z' }] }
  })
  t.notOk('certificate' in (approved.status as object))
  const denied = { type: 'Denied', status: 'True' }
  t.same(by('approval', approved, { conditions: [...status.conditions, denied] }).faults, [
    'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'
  ])
  t.match(by('approval', approved, {}).faults, [/may not remove a condition of type "Approved"/])
  t.match(by('status', approved, { certificate: 'YQ==' }).faults, [
    /^status.certificate: Invalid value: "<certificate data>"/
  ])
  const bad = { request: request(1), usages: ['odd'], expirationSeconds: 599 }
  const fields = play(api, kind, { spec: bad }).faults.map((fault) => fault.split(': ').slice(0, 2).join(': '))
  t.same(fields, [
    'spec.request: Invalid value',
    'spec.usages[0]: Unsupported value',
    'spec.signerName: Required value',
    'spec.expirationSeconds: Invalid value'
  ])
  t.match(play(api, kind, { spec: { ...spec, request: 'YQ==' } }).faults, [
    /PEM block type must be CERTIFICATE REQUEST/
  ])
})

t.test('other kinds are judged by the rules that somebody here meets', async (t) => {
  const role = { roleRef: { kind: 'Role', name: 'r' } }
  const { next: bound } = play('rbac.authorization.k8s.io/v1', 'RoleBinding', role)
  const rows: [what: string, faults: string[], expected: RegExp[]][] = [
    ['a name with a colon', play('rbac.authorization.k8s.io/v1', 'Role', { metadata: { name: 'a:b' } }).faults, []],
    [
      'a name of a Pod',
      play('v1', 'Endpoints', { metadata: { name: 'a:b' } }).faults,
      [/^metadata.name: Invalid value/]
    ],
    [
      'no name',
      play('v1', 'Endpoints', { metadata: {} }).faults,
      [/^metadata.name: Required value: name or generateName/]
    ],
    [
      'annotations',
      play('v1', 'Endpoints', { metadata: { name: 'a', annotations: { a: 'a'.repeat(300_000) } } }).faults,
      [/^metadata.annotations: Too long: may not be more than 262144 bytes/]
    ],
    [
      'a Lease',
      play('coordination.k8s.io/v1', 'Lease', { spec: { leaseDurationSeconds: 0 } }).faults,
      [/greater than 0/]
    ],
    [
      'an Event',
      play('events.k8s.io/v1', 'Event', { eventTime: 't', deprecatedSource: {} }).faults,
      [/needs to be unset/]
    ],
    ['a Pod', play('v1', 'Pod', {}).faults, [/^spec.containers: Required value/]],
    [
      'another role',
      play('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { kind: 'Role', name: 'q' } }, { before: bound })
        .faults,
      [/^roleRef: Invalid value: .*cannot change roleRef/]
    ]
  ]
  for (const [what, faults, expected] of rows) {
    t.match(faults, expected, what)
    t.equal(faults.length, expected.length, what)
  }
  const pod = play('v1', 'Pod', { spec: { containers: [{ name: 'a' }] } }).next
  t.match(pod, {
    spec: { terminationGracePeriodSeconds: 30 },
    status: { phase: 'Pending' },
    metadata: { generation: 1 }
  })
  t.match(play('v1', 'Namespace', {}).next, {
    metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } },
    status: { phase: 'Active' }
  })
})
