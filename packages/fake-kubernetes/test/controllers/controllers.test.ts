import { createHmac, X509Certificate } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import 'reflect-metadata'
import {
  type JsonGeneralNames,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension
} from '@peculiar/x509'
import t, { type Test } from 'tap'
import { startControllers } from '../../src/controllers/controllers.ts'
import type { Csr } from '../../src/controllers/csrs.ts'
import { certificateAuthority } from '../../src/kubeadm/authority.ts'
import { core, newObject } from '../../src/kubeadm/new-object.ts'
import { Objects } from '../../src/objects/objects.ts'

const minute = 60_000
const csrs = { group: 'certificates.k8s.io', plural: 'certificatesigningrequests' }
const leases = { group: 'coordination.k8s.io', plural: 'leases' }
let time = new Date()
const now = () => time
const authority = await certificateAuthority(now)

/** A cluster in which a bootstrapper of the group `ok` needs no person, nor does a node that asks for itself. */
const open = (t: Test) => {
  const objects = new Objects(now)
  const controllers = startControllers({
    objects,
    now,
    authority,
    authorize: ({ user, subresource }) => ({
      allowed: user.groups.includes(subresource === 'nodeclient' ? 'ok' : 'system:nodes')
    })
  })
  t.teardown(controllers.stop)
  return { objects, ...controllers }
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const ask = async (
  objects: Objects,
  spec: Partial<Csr['spec']>,
  organization = 'system:nodes',
  names: JsonGeneralNames = []
) => {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [organization] }, { CN: ['system:node:one'] }],
    extensions: names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : [],
    signingAlgorithm,
    keys
  })
  const usual = {
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['client auth', 'digital signature']
  }
  const full = { ...usual, request: base64(request.toString('pem')), ...spec }
  const rest = {
    spec: full,
    ...(spec.groups === undefined && { status: { conditions: [{ type: 'Approved', status: 'True' }] } })
  }
  objects.create(csrs, newObject('certificates.k8s.io/v1', 'CertificateSigningRequest', { name: 'csr' }, rest))
}

t.test('kubelet requests are approved by the rights of their authors, and then signed', async (t) => {
  const cases: readonly [groups: string[], username: string, message: RegExp | undefined][] = [
    [['ok'], 'system:bootstrap:abcdef', /^Auto approving kubelet client certificate after SubjectAccessReview\.$/],
    [['system:nodes'], 'system:node:one', /^Auto approving self kubelet/],
    [['system:nodes'], 'system:node:two', undefined],
    [['none'], 'system:bootstrap:abcdef', undefined]
  ]
  for (const [groups, username, message] of cases) {
    const { objects, runAll } = open(t)
    await ask(objects, { groups, username })
    await runAll()
    const { conditions = [], certificate } = objects.get<Csr>(csrs, 'csr')?.status ?? {}
    if (message === undefined) t.same([conditions, certificate], [[], undefined])
    else t.match(conditions, [{ type: 'Approved', reason: 'AutoApproved', message, lastUpdateTime: String }])
    if (certificate) t.match(new X509Certificate(Buffer.from(certificate, 'base64')).subject, 'CN=system:node:one')
  }
})

t.test('a signer says what is wrong with an approved request', async (t) => {
  const serving = { signerName: 'kubernetes.io/kubelet-serving', usages: ['server auth', 'digital signature'] }
  const own = { signerName: 'kubernetes.io/kube-apiserver-client' }
  const cases: readonly [Partial<Csr['spec']>, string, JsonGeneralNames, message: string | undefined][] = [
    [{}, 'others', [], 'subject organization is not system:nodes'],
    [{}, 'system:nodes', [{ type: 'dns', value: 'one' }], 'DNS subjectAltNames are not allowed'],
    [
      { usages: ['client auth'] },
      'system:nodes',
      [],
      'usages did not match [client auth digital signature key encipherment]'
    ],
    [serving, 'system:nodes', [], 'DNS or IP subjectAltName is required'],
    [serving, 'system:nodes', [{ type: 'ip', value: '10.0.0.7' }], undefined],
    [
      { ...own, usages: ['client auth', 'server auth'] },
      'any',
      [],
      'invalid usage for client certificate: server auth'
    ],
    [own, 'any', [], undefined]
  ]
  for (const [spec, organization, names, message] of cases) {
    const { objects, runAll } = open(t)
    await ask(objects, spec, organization, names)
    await runAll()
    const status = objects.get<Csr>(csrs, 'csr')?.status
    if (message === undefined) t.match(status, { certificate: String }, organization)
    else t.match(status?.conditions?.at(-1), { type: 'Failed', reason: 'SignerValidationFailure', message })
  }
})

t.test('a signer that is held signs later, and an issued CSR goes after an hour', async (t) => {
  const { objects, runAll, signing, due } = open(t)
  signing.isHeld = true
  await ask(objects, { groups: ['ok'], username: 'somebody' })
  await runAll()
  t.equal(objects.get<Csr>(csrs, 'csr')?.status?.certificate, undefined)
  signing.isHeld = false
  await runAll()
  t.type(objects.get<Csr>(csrs, 'csr')?.status?.certificate, 'string')
  time = new Date(time.getTime() + 59 * minute)
  due()
  t.ok(objects.get(csrs, 'csr'))
  time = new Date(time.getTime() + 2 * minute)
  due()
  t.notOk(objects.get(csrs, 'csr'))
})

t.test('a token vouches for cluster-info until it expires', async (t) => {
  const { objects, due } = open(t)
  const maps = core('configmaps')
  const meta = { name: 'cluster-info', namespace: 'kube-public' }
  objects.create(maps, newObject('v1', 'ConfigMap', meta, { data: { kubeconfig: 'text' } }))
  const expiration = new Date(time.getTime() + 10 * minute).toISOString()
  const values = { 'token-id': 'abcdef', 'token-secret': 'secret', expiration, 'usage-bootstrap-signing': 'true' }
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)]))
  const secret = { name: 'bootstrap-token-abcdef', namespace: 'kube-system' }
  objects.create(core('secrets'), newObject('v1', 'Secret', secret, { type: 'bootstrap.kubernetes.io/token', data }))
  await setImmediate()
  const signed = objects.get(maps, 'cluster-info', 'kube-public')?.data as Record<string, string>
  const [header = '', , signature] = signed['jws-kubeconfig-abcdef']?.split('.') ?? []
  t.equal(Buffer.from(header, 'base64url').toString(), '{"alg":"HS256","kid":"abcdef"}')
  t.equal(signature, createHmac('sha256', 'secret').update(`${header}.dGV4dA`).digest('base64url'))
  time = new Date(time.getTime() + 10 * minute)
  due()
  t.notOk(objects.get(core('secrets'), 'bootstrap-token-abcdef', 'kube-system'))
  t.same(objects.get(maps, 'cluster-info', 'kube-public')?.data, { kubeconfig: 'text' })
})

t.test('a Node that fits gets a Pod of a DaemonSet, and takes its Lease and at last its Pods along', async (t) => {
  const { objects, runAll, due } = open(t)
  const nodes = core('nodes')
  const node = (name: string, labels: Record<string, string>, taints: object[] = []) =>
    objects.create(nodes, newObject('v1', 'Node', { name, labels }, { spec: { taints } }))
  const { uid } = node('one', { disk: 'ssd' }, [
    { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }
  ]).metadata
  node('other', {})
  node('kept', { disk: 'ssd' }, [{ key: 'own', effect: 'NoExecute' }])
  const spec = { template: { metadata: { labels: { app: 'x' } }, spec: { nodeSelector: { disk: 'ssd' } } } }
  objects.create(
    { group: 'apps', plural: 'daemonsets' },
    newObject('apps/v1', 'DaemonSet', { name: 'set', namespace: 'default' }, { spec })
  )
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'one', uid }]
  objects.create(
    leases,
    newObject('coordination.k8s.io/v1', 'Lease', { name: 'one', namespace: 'kube-node-lease', ownerReferences })
  )
  await runAll()
  const pods = () => objects.list(core('pods'), 'default')
  t.match(pods(), [{ metadata: { name: /^set-[0-9a-f]{5}$/, labels: { app: 'x' } }, spec: { nodeName: 'one' } }])
  t.equal(pods().length, 1)
  t.match(objects.list({ group: 'apps', plural: 'daemonsets' }), [
    { status: { desiredNumberScheduled: 1, numberReady: 0 } }
  ])

  objects.delete(nodes, 'one')
  await setImmediate()
  t.same([objects.list(leases).length, pods().length], [0, 1])
  time = new Date(time.getTime() + minute)
  due()
  t.same(pods(), [])
})

t.test('a Namespace has its ServiceAccount and the CA again, whoever deletes them', async (t) => {
  const { objects } = open(t)
  objects.create(core('namespaces'), newObject('v1', 'Namespace', { name: 'shop' }))
  await setImmediate()
  objects.delete(core('serviceaccounts'), 'default', 'shop')
  await setImmediate()
  t.ok(objects.get(core('serviceaccounts'), 'default', 'shop'))
  t.same(objects.get(core('configmaps'), 'kube-root-ca.crt', 'shop')?.data, { 'ca.crt': authority.certificate })
})
