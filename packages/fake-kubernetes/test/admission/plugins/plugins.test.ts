import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import t from 'tap'
import type { Operation } from '../../../src/admission/operation.ts'
import { mutatingPlugins, validatingPlugins } from '../../../src/admission/plugins/plugins.ts'
import type { Kind } from '../../../src/kinds/kind.ts'
import { Objects } from '../../../src/objects/objects.ts'

const kindOf = (plural: string, group = ''): Kind => ({
  ...{ group, plural, version: 'v1', kind: plural, singular: plural, namespaced: true, subresources: [], verbs: [] },
  ...{ prepare: () => undefined, judge: () => [], selectable: {}, mergeKeys: {} }
})
const object = (name: string, rest: object = {}, meta: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Any', ...rest },
  metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '', ...meta }
})
const node = { username: 'system:node:a', groups: ['system:nodes'], extra: {} }

const objects = new Objects(() => new Date())
const [nodes, pods] = [kindOf('nodes'), kindOf('pods')]
const own = objects.create(nodes, object('a'))
for (const [name, nodeName] of [
  ['mine', 'a'],
  ['theirs', 'b']
] as const)
  objects.create(pods, object(name, { spec: { nodeName } }, { namespace: 'ns' }))
objects.create(kindOf('namespaces'), object('ns'))
objects.create(kindOf('namespaces'), object('ending', { status: { phase: 'Terminating' } }))

/** Lets the operation pass all plugins. `rights`: names of signers for which the user may. */
const admit = (differs: Partial<Operation>, rights: readonly string[] = []): Operation => {
  const operation: Operation = {
    ...{ operation: 'CREATE', kind: nodes, subresource: '', name: differs.object?.metadata.name ?? '', namespace: '' },
    ...{ user: { username: 'x', groups: [], extra: {} }, dryRun: false, options: {} },
    ...differs
  }
  const authorize = ({ name }: { name: string }) => ({ allowed: rights.includes(name) })
  for (const plugin of [...mutatingPlugins, ...validatingPlugins]) plugin(operation, objects, authorize)
  return operation
}
const refusal = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}

t.test('a namespace that is not there or ends takes nothing, and some stay', async (t) => {
  const kind = kindOf('configmaps')
  const write = (namespace: string) => refusal(() => admit({ kind, namespace, object: object('c') }))
  t.equal(write('ns'), undefined)
  t.equal(write('x'), 'namespaces "x" not found')
  t.match(
    write('ending'),
    'configmaps "c" is forbidden: unable to create new content in namespace ending because it is'
  )
  const remove = (name: string) =>
    refusal(() => admit({ kind: kindOf('namespaces'), operation: 'DELETE', name, namespace: name }))
  t.equal(remove('kube-system'), 'namespaces "kube-system" is forbidden: this namespace may not be deleted')
  t.equal(remove('ns'), undefined)
})

t.test('a kubelet changes its own Node alone, and no label, taint or owner that is not its own', async (t) => {
  const make = (labels: object, name = 'a') =>
    refusal(() => admit({ user: node, object: object(name, {}, { labels }) }))
  const change = (spec: object, meta: object, subresource = 'status') =>
    refusal(() =>
      admit({ user: node, operation: 'UPDATE', subresource, before: own, object: object('a', { spec }, meta) })
    )
  const fine = {
    'kubernetes.io/os': 'linux',
    rack: '1',
    'x.node.kubernetes.io/y': '',
    'topology.kubernetes.io/zone': 'z'
  }
  t.equal(make(fine), undefined)
  t.equal(make({}, 'b'), 'nodes "b" is forbidden: node "a" is not allowed to modify node "b"')
  t.equal(
    make({ 'node-role.kubernetes.io/control-plane': '', 'x.node-restriction.kubernetes.io/y': '' }),
    'nodes "a" is forbidden: node "a" is not allowed to set the following labels: node-role.kubernetes.io/control-plane, x.node-restriction.kubernetes.io/y'
  )
  t.equal(change({}, { labels: { rack: '2' } }), undefined)
  t.match(change({}, { labels: { 'k8s.io/x': '' } }, ''), /: is not allowed to modify labels: k8s.io\/x$/)
  t.match(change({ taints: [{ key: 'x' }] }, {}), /: node "a" is not allowed to modify taints$/)
  t.match(change({}, { ownerReferences: [{}] }), /: node "a" is not allowed to modify ownerReferences$/)
})

t.test('a kubelet shows and ends its own Pods, and makes only mirror Pods', async (t) => {
  const on = (name: string, differs: Partial<Operation>) => {
    const before = objects.get(pods, name, 'ns')
    return refusal(() =>
      admit({ kind: pods, namespace: 'ns', name, user: node, ...(before && { before }), ...differs })
    )
  }
  const rows: [Partial<Operation>, string][] = [
    [{ operation: 'DELETE' }, 'delete pods'],
    [{ operation: 'UPDATE', subresource: 'status', object: object('any') }, 'update pod status for pods'],
    [{ subresource: 'eviction', object: object('any') }, 'evict pods']
  ]
  for (const [differs, act] of rows) {
    t.equal(on('mine', differs), undefined, act)
    t.match(on('theirs', differs), `node "a" can only ${act} with spec.nodeName set to itself`)
  }
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'a', uid: own.metadata.uid, controller: true }
  const meta = { annotations: { 'kubernetes.io/config.mirror': '' }, ownerReferences: [owner] }
  const make = (spec: object, differs: object = {}) =>
    on('new', { object: object('new', { spec: { nodeName: 'a', ...spec } }, { ...meta, ...differs }) })
  t.equal(make({}), undefined)
  t.match(make({}, { annotations: {} }), /node "a" can only create mirror pods$/)
  t.match(make({ nodeName: 'b' }), /only create pods with spec.nodeName set to itself$/)
  t.match(make({}, { ownerReferences: [{ ...owner, uid: 'x' }] }), /owner reference set to itself$/)
  t.match(make({ volumes: [{ secret: { secretName: 's' } }] }), /can not create pods that reference secrets$/)
})

t.test('a kubelet gets tokens only for its own Pods', async (t) => {
  const ask = (name: string, uid = objects.get(pods, name, 'ns')?.metadata.uid) => {
    const request = object('one', { spec: { boundObjectRef: { kind: 'Pod', name, uid } } })
    const kind = kindOf('serviceaccounts')
    return refusal(() =>
      admit({ kind, subresource: 'token', namespace: 'ns', name: 'one', user: node, object: request })
    )
  }
  t.equal(ask('mine'), undefined)
  t.match(ask('theirs'), /: node requested token bound to a pod scheduled on a different node$/)
  t.match(ask('mine', 'x'), /: the UID in the bound object reference \(x\) does not match/)
  t.match(ask(''), /: node requested token not bound to a pod$/)
  t.equal(ask('gone', 'x'), 'pods "gone" not found')
})

t.test('requests for certificates are held to their signer and subject', async (t) => {
  const kind = kindOf('certificatesigningrequests', 'certificates.k8s.io')
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const csr = async (name: string, signer: string, status: object = {}) => {
    const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const request = (await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm })).toString('pem')
    const spec = { signerName: `kubernetes.io/${signer}`, request: Buffer.from(request).toString('base64') }
    return object('', { spec, status }, { generateName: 'csr-' })
  }
  const kubelet = 'kube-apiserver-client-kubelet'
  const make = async (name: string, signer: string) => {
    const made = await csr(name, signer)
    return refusal(() => admit({ kind, user: node, object: made }))
  }
  t.equal(await make('O=system:nodes,CN=system:node:a', kubelet), undefined)
  t.equal(
    await make('CN=system:node:b', kubelet),
    'certificatesigningrequests.certificates.k8s.io "csr-" is forbidden: can only create a node CSR with CN=system:node:a'
  )
  const client = 'kube-apiserver-client'
  t.equal(await make('CN=b', client), undefined)
  t.match(
    await make('O=system:masters,CN=b', client),
    `use of kubernetes.io/${client} signer with system:masters group is`
  )

  const before = await csr('CN=b', client)
  const next = await csr('CN=b', client, { certificate: 'x' })
  for (const [subresource, verb] of [
    ['approval', 'approve'],
    ['status', 'sign']
  ] as const) {
    const write = (...rights: string[]) =>
      refusal(() => admit({ kind, operation: 'UPDATE', subresource, before, object: next }, rights))
    t.match(write(), `user not permitted to ${verb} requests with signerName "kubernetes.io/${client}"`)
    for (const right of [`kubernetes.io/${client}`, 'kubernetes.io/*']) t.equal(write(right), undefined, right)
  }
})
