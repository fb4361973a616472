import { aCsr } from '@joinery/testing/documents/csr'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import 'reflect-metadata'
import { servingSigner } from '@joinery/kube/names'
import type { State } from '@joinery/protocol'
import {
  type Attribute,
  ExtendedKeyUsageExtension,
  type Extension,
  ExtensionsAttribute,
  type JsonGeneralNames,
  type JsonName,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension
} from '@peculiar/x509'
import t, { type Test } from 'tap'
import { addressHolders } from '../../../../src/core/enrolment/serving/address-holders.ts'
import { judgeServingCsr, type Surroundings } from '../../../../src/core/enrolment/serving/serving-csr-guard.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const keys = await crypto.subtle.generateKey(p256, true, ['sign', 'verify'])
const rsaOf = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength
})

interface Odd {
  name?: JsonName
  names?: JsonGeneralNames
  extensions?: Extension[]
  attributes?: Attribute[]
  algorithm?: typeof p256 | ReturnType<typeof rsaOf> | { name: 'Ed25519' }
}
const subject = (commonName = 'system:node:worker-1', organization = 'system:nodes'): JsonName => [
  { O: [organization] },
  { CN: [commonName] }
]
const host = { type: 'dns', value: 'worker-1' } as const
const ip = (value: string) => ({ type: 'ip', value }) as const
const alternative = (names: JsonGeneralNames, critical = false) => new SubjectAlternativeNameExtension(names, critical)
const requestOf = async ({ name = subject(), names = [host, ip('10.0.0.7')], ...odd }: Odd = {}): Promise<string> => {
  const pair =
    odd.algorithm === undefined
      ? keys
      : ((await crypto.subtle.generateKey(odd.algorithm, true, ['sign', 'verify'])) as CryptoKeyPair)
  const request = await Pkcs10CertificateRequestGenerator.create({
    name,
    keys: pair,
    signingAlgorithm: odd.algorithm ?? p256,
    extensions: odd.extensions ?? (odd.attributes === undefined && names.length > 0 ? [alternative(names)] : []),
    attributes: odd.attributes ?? []
  })
  return request.toString('pem')
}

/** Of worker-1, 10.0.0.7 and 2001:db8::7: as a kubelet's own library (Go's crypto/x509) encodes it. */
const byGo = `-----BEGIN CERTIFICATE REQUEST-----
MIIBLzCB1gIBADA2MRUwEwYDVQQKEwxzeXN0ZW06bm9kZXMxHTAbBgNVBAMTFHN5
c3RlbTpub2RlOndvcmtlci0xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmN1L
9Hz3/jfqNiSAsQTHjYF2CZ74BuDD6Trw8zfmxOGaZlFhTGKbx5siryFLwvvGSLpu
SgdA23xmUvwHIjSzBqA+MDwGCSqGSIb3DQEJDjEvMC0wKwYDVR0RBCQwIoIId29y
a2VyLTGHBAoAAAeHECABDbgAAAAAAAAAAAAAAAcwCgYIKoZIzj0EAwIDSAAwRQIg
cCuLmLa/Q5kDWJ11XKDKTPiyvyKvVqBYeXT74u9NudwCIQD0vqqiRM5d3YR9MKXz
L008xwXRqmeJ662T0M+Ppi8/cw==
-----END CERTIFICATE REQUEST-----`

const node = aNode('worker-1', { uid: 'n1', addresses: ['10.0.0.7', '2001:db8::7'], ready: 'True' })
const machine: EnrolmentPart = {
  state: 'ready',
  name: 'worker-1',
  address: '10.0.0.7',
  approval: {
    addresses: ['10.0.0.7', '192.168.5.7', '2001:DB8:0::7', 'fe80::7', '127.0.0.1', '172.30.0.1', '10.96.0.9']
  },
  facts: { machineId: 'm1', productUuid: 'U1', addresses: ['10.0.0.99'] },
  node: { uid: 'n1', condition: 'Ready' }
}
const enrolment = anEnrolment('e1', machine)
const csr = aCsr('csr-1', {
  uid: 'uid-1',
  created: new Date('2026-01-01T00:01:01Z'),
  username: 'system:node:worker-1',
  groups: ['system:nodes', 'system:authenticated'],
  usages: ['digital signature', 'server auth'],
  signer: servingSigner,
  request: await requestOf()
})
const otherNode = (name: string, ...addresses: string[]) => ({ ...node, name, uid: `uid of ${name}`, addresses })
const otherEnrolment = (part: EnrolmentPart) =>
  anEnrolment('e2', { ...machine, name: 'worker-2', address: '10.0.0.8', approval: { addresses: [] } }, part)

interface Row {
  csr?: Partial<Csr>
  enrolment?: EnrolmentPart
  /** The enrolment never had a Node. */
  untraced?: true
  node?: Partial<ClusterNode> | 'none'
  nodes?: ClusterNode[]
  enrolments?: EnrolmentDocument[]
  around?: Partial<Surroundings>
}
const verdict = (row: Row) => {
  const [own, ownNode] = [
    anEnrolment(enrolment.id, enrolment, row.enrolment ?? {}),
    { ...node, ...(row.node === 'none' ? {} : row.node) }
  ]
  if (row.untraced) delete own.node
  const around = {
    holders: addressHolders([ownNode, ...(row.nodes ?? [])], [own, ...(row.enrolments ?? [])]),
    apiHosts: ['172.30.0.1', 'api.example.org', '10.0.0.1'],
    clusterNetworks: ['10.96.0.0/12', '10.244.0.0/16', 'fd00:10::/108'],
    algorithm: 'ECDSA-P256' as const,
    ...row.around
  }
  return judgeServingCsr({ ...csr, ...row.csr }, own, row.node === 'none' ? undefined : ownNode, around)
}
const approves = (t: Test, rows: Record<string, Row>) => {
  for (const [name, row] of Object.entries(rows)) t.equal(verdict(row), 'approve', name)
}
const leaves = (t: Test, rows: Record<string, [why: RegExp, row: Row]>) => {
  for (const [name, [why, row]] of Object.entries(rows)) t.match(verdict(row), { left: why }, name)
}
const request = async (odd: Odd): Promise<Row> => ({ csr: { request: await requestOf(odd) } })
const asking = (...names: JsonGeneralNames): Promise<Row> => request({ names })

t.test('a request of the kubelet of the enrolment’s Node is approved', async (t) => {
  approves(t, {
    'name and address': {},
    'as Go encodes it': { csr: { request: byGo } },
    'while joined': { enrolment: { state: 'joined' } },
    'the name alone': await asking(host),
    'an address alone': await asking(ip('10.0.0.7')),
    'an address that was shown at the approval': await asking(host, ip('192.168.5.7')),
    'IPv6, however it is written': await asking(host, ip('2001:db8:0:0::7')),
    'several addresses': await asking(host, ip('10.0.0.7'), ip('192.168.5.7'), ip('2001:db8::7')),
    'where the server sees it now': { enrolment: { approval: { addresses: [] } } },
    'seen at an IPv4 address of an IPv6 socket': {
      enrolment: { address: '::ffff:10.0.0.7', approval: { addresses: [] } }
    },
    'usages in another order': { csr: { usages: ['server auth', 'digital signature'] } },
    'P-384, if kubelets make that': {
      ...(await request({ algorithm: { ...p256, namedCurve: 'P-384' } })),
      around: { algorithm: 'ECDSA-P384' }
    },
    'an RSA key, if kubelets make that': {
      ...(await request({ algorithm: rsaOf(2048) })),
      around: { algorithm: 'RSA-2048' }
    },
    'an RSA key that encrypts': {
      around: { algorithm: 'RSA-2048' },
      csr: {
        usages: [...csr.usages, 'key encipherment'],
        request: await requestOf({ algorithm: rsaOf(2048) })
      }
    },
    'made as long ago as the Node': { csr: { created: node.created } },
    'a moment before the Node was there': { csr: { created: new Date('2026-01-01T00:00:30Z') } },
    'a renewal a year later': { csr: { created: new Date('2027-01-01T00:00:00Z') } },
    'where the machine shows no DMI': { node: { systemUuid: 'm1' } },
    'beside others with other addresses': {
      nodes: [otherNode('worker-2', '10.0.0.8')],
      enrolments: [otherEnrolment({})]
    },
    'where an enrolment whose Node was deleted had the address': {
      enrolments: [otherEnrolment({ address: '10.0.0.7', node: { uid: 'n1', condition: 'Gone' } })]
    }
  })
})

t.test('only a request by the kubelet itself is approved', async (t) => {
  leaves(t, {
    'another node': [/worker-2 asks/, { csr: { username: 'system:node:worker-2' } }],
    'a longer name': [/worker-10 asks/, { csr: { username: 'system:node:worker-10' } }],
    'another case': [/asks, and not the kubelet/, { csr: { username: 'system:node:Worker-1' } }],
    'a look-alike': [/asks, and not the kubelet/, { csr: { username: 'system:node:wоrker-1' } }],
    'a token': [/asks, and not the kubelet/, { csr: { username: 'system:bootstrap:abc123' } }],
    'an administrator': [/kubernetes-admin asks/, { csr: { username: 'kubernetes-admin' } }],
    'no node': [/not in the group system:nodes/, { csr: { groups: ['system:authenticated'] } }],
    'nobody in particular': [/not in the group/, { csr: { groups: [] } }],
    'a node that is more': [
      /also in the group system:masters$/,
      { csr: { groups: [...csr.groups, 'system:masters'] } }
    ],
    'a joining machine': [
      /also in the group system:bootstrappers$/,
      { csr: { groups: ['system:bootstrappers', ...csr.groups] } }
    ],
    'another signer': [
      /signer kubernetes.io\/kube-apiserver-client/,
      { csr: { signer: 'kubernetes.io/kube-apiserver-client' } }
    ],
    "the kubelets' other signer": [
      /it is for the signer/,
      { csr: { signer: 'kubernetes.io/kube-apiserver-client-kubelet' } }
    ]
  })
})

t.test('the enrolment must have its Node, and the Node must be its machine', async (t) => {
  const states: State[] = ['pending', 'approved', 'joining', 'frozen', 'failed', 'expired', 'rejected', 'removed']
  for (const state of states) leaves(t, { [state]: [new RegExp(`is ${state}$`), { enrolment: { state } }] })
  leaves(t, {
    'joined, but by a certificate that is not the agent’s': [
      /the agent holds/,
      { enrolment: { state: 'joined', reason: 'the agent holds certificate 0A, but 0B was issued' } }
    ],
    'no Node': [/not there/, { node: 'none' }],
    'a Node whose kubelet has not reported': [/not there/, { node: { machineId: '' } }],
    'a Node that was never traced': [/not the one that registered/, { untraced: true }],
    'another Node of that name': [/not the one that registered/, { node: { uid: 'n2' } }],
    'a Node of another machine': [/has machine id m2/, { node: { machineId: 'm2' } }],
    'a Node of another UUID': [/has system UUID u2/, { node: { systemUuid: 'u2' } }],
    'asked an hour too early': [/earlier kubelet/, { csr: { created: new Date('2025-12-31T23:00:00Z') } }],
    'asked more than a minute too early': [
      /earlier kubelet/,
      { csr: { created: new Date('2025-12-31T23:59:59.999Z') } }
    ]
  })
})

t.test('the subject must be this kubelet, in exact bytes', async (t) => {
  const subjects: Record<string, JsonName> = {
    'another node': subject('system:node:worker-2'),
    'a longer name': subject('system:node:worker-10'),
    'another case': subject('system:node:Worker-1'),
    'a space behind': subject('system:node:worker-1 '),
    'no prefix': subject('worker-1'),
    masters: subject('system:node:worker-1', 'system:masters'),
    'two organizations': [...subject(), { O: ['system:masters'] }],
    'two names': [...subject(), { CN: ['system:node:worker-2'] }],
    'no organization': [{ CN: ['system:node:worker-1'] }],
    'no name': [{ O: ['system:nodes'] }],
    'an organizational unit too': [{ OU: ['x'] }, ...subject()]
  }
  for (const [what, name] of Object.entries(subjects)) {
    leaves(t, {
      [what]: [/its subject is not exactly O=system:nodes, CN=system:node:worker-1$/, await request({ name })]
    })
  }
  leaves(t, {
    'no request at all': [/not one canonical request/, { csr: { request: 'x' } }],
    nothing: [/not one canonical request/, { csr: { request: '' } }]
  })
})

t.test('key and usages must be a kubelet’s', async (t) => {
  const using = (...usages: string[]): [RegExp, Row] => [/asks for the usages/, { csr: { usages } }]
  leaves(t, {
    'a short RSA key': [/too weak/, await request({ algorithm: rsaOf(1024) })],
    'a key of another kind': [/its key is ED25519, and kubelets/, await request({ algorithm: { name: 'Ed25519' } })],
    'a key of a kind that kubelets of other clusters make': [
      /its key is RSA-2048, and kubelets of this cluster make ECDSA-P256 \(serverCertificateKeyAlgorithm in/,
      await request({ algorithm: rsaOf(2048) })
    ],
    'client auth too': using('digital signature', 'server auth', 'client auth'),
    'client auth instead': using('digital signature', 'client auth'),
    'cert sign': using('digital signature', 'server auth', 'cert sign'),
    'any purpose': using('digital signature', 'server auth', 'any'),
    'no server auth': using('digital signature'),
    'no signature': using('server auth'),
    none: using(),
    'an EC key that encrypts': using('digital signature', 'server auth', 'key encipherment')
  })
})

t.test('the only name is the Node’s', async (t) => {
  const names: Record<string, [RegExp, JsonGeneralNames]> = {
    none: [/neither a host nor an address/, []],
    'another host': [/host name worker-2, which is not/, [host, { type: 'dns', value: 'worker-2' }]],
    'a longer one': [/not the Node's/, [{ type: 'dns', value: 'worker-1.example.org' }]],
    'another case': [/not the Node's/, [{ type: 'dns', value: 'Worker-1' }]],
    'all hosts': [/not the Node's/, [host, { type: 'dns', value: '*' }]],
    'the API server in the cluster': [/not the Node's/, [host, { type: 'dns', value: 'kubernetes.default.svc' }]],
    'an address as a name': [/not the Node's/, [host, { type: 'dns', value: '10.0.0.7' }]],
    'an e-mail address': [/of the kind email/, [host, { type: 'email', value: 'root@worker-1' }]],
    'a URI': [/of the kind url/, [host, { type: 'url', value: 'spiffe://cluster.local/ns/x' }]],
    'a directory name': [/of the kind dn/, [host, { type: 'dn', value: 'CN=worker-1' }]]
  }
  for (const [what, [why, alternatives]] of Object.entries(names)) {
    leaves(t, { [what]: [why, await asking(...alternatives)] })
  }
  const called = async (name: string): Promise<Row> => ({
    csr: {
      username: `system:node:${name}`,
      request: await requestOf({ name: subject(`system:node:${name}`), names: [{ type: 'dns', value: name }] })
    },
    enrolment: { name },
    node: { name }
  })
  for (const name of [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'a.b.svc.cluster.local',
    'localhost'
  ]) {
    leaves(t, { [`a Node that is called ${name}`]: [/Pods know/, await called(name)] })
  }
  leaves(t, { 'a Node called as the API endpoint': [/name of the API server/, await called('api.example.org')] })
  approves(t, { 'a Node whose name only begins like it': await called('kubernetes-7') })
})

t.test('a request that can be read in two ways is left', async (t) => {
  const hidden = alternative([{ type: 'dns', value: 'kubernetes.default.svc' }])
  const shown = alternative([host])
  const more = /more than names and addresses/
  leaves(t, {
    'a second list of extensions': [
      more,
      await request({ attributes: [new ExtensionsAttribute([shown]), new ExtensionsAttribute([hidden])] })
    ],
    'a second list of names': [more, await request({ extensions: [shown, hidden] })],
    'another extension': [
      more,
      await request({ extensions: [shown, new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'])] })
    ],
    'an extension alone': [more, await request({ extensions: [new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1'])] })],
    'names that are critical': [more, await request({ extensions: [alternative([host], true)] })],
    'a name of which the beginning is enough to tell': [
      /^it asks for the host name a{200,230}$/,
      await asking({ type: 'dns', value: 'a'.repeat(2 ** 12) })
    ],
    'a name of an unknown kind': [
      /of the kind|more than names/,
      await asking(host, { type: 'upn', value: 'admin@example.org' })
    ]
  })
})

t.test('an address must have been seen or approved, and belong to nobody else', async (t) => {
  const at = async (address: string, part: Row = {}): Promise<Row> => ({
    ...(await asking(host, ip(address))),
    ...part
  })
  leaves(t, {
    'one that nobody saw': [/neither where the server sees/, await at('10.0.0.66')],
    'one that it claims since the approval': [/neither where the server sees/, await at('10.0.0.99')],
    'one that only its Node has': [/neither/, await at('10.0.0.55', { node: { addresses: ['10.0.0.55'] } })],
    'one good and one bad': [/^10.0.0.66 is neither/, await asking(ip('10.0.0.7'), ip('10.0.0.66'))],
    'that of another Node': [
      /also belongs to Node worker-2/,
      await at('10.0.0.7', { nodes: [otherNode('worker-2', '10.0.0.7')] })
    ],
    'that of another Node, written otherwise': [
      /also belongs to Node worker-2/,
      await at('2001:db8::7', { nodes: [otherNode('worker-2', '2001:0db8:0:0:0:0:0:7')] })
    ],
    'where another enrolment is seen': [
      /also belongs to worker-2 \(enrolment e2\)/,
      await at('10.0.0.7', { enrolments: [otherEnrolment({ address: '10.0.0.7' })] })
    ],
    'what another one was approved with': [
      /also belongs to worker-2 \(enrolment e2\)/,
      await at('10.0.0.7', { enrolments: [otherEnrolment({ approval: { addresses: ['10.0.0.7'] } })] })
    ],
    'the API server': [/the API server's/, await at('172.30.0.1')],
    'what its name resolves to': [/the API server's/, await at('10.0.0.1', { enrolment: { address: '10.0.0.1' } })],
    'a Service': [/network of Services or Pods/, await at('10.96.0.9')],
    'a Pod': [/network of Services or Pods/, await at('10.244.3.4', { enrolment: { address: '10.244.3.4' } })],
    'a Service, in IPv6': [/network of Services/, await at('fd00:10::5', { enrolment: { address: 'fd00:10::5' } })],
    loopback: [/is loopback/, await at('127.0.0.1')],
    'loopback of IPv6': [/is loopback/, await at('::1', { enrolment: { address: '::1' } })],
    'loopback of IPv4 in IPv6': [/^127.0.0.1 is loopback/, await at('::ffff:7f00:1')],
    'a Service, in IPv6 that is IPv4': [/^10.96.0.9 is in the cluster's network/, await at('::ffff:a60:9')],
    'link-local': [/is link-local/, await at('fe80::7')],
    'link-local of IPv4': [/is link-local/, await at('169.254.169.254', { enrolment: { address: '169.254.169.254' } })],
    multicast: [/is multicast/, await at('224.0.0.1', { enrolment: { address: '224.0.0.1' } })],
    'multicast of IPv6': [/is multicast/, await at('ff02::1', { enrolment: { address: 'ff02::1' } })],
    unspecified: [/is unspecified/, await at('0.0.0.0', { enrolment: { address: '0.0.0.0' } })],
    'unspecified of IPv6': [/is unspecified/, await at('::', { enrolment: { address: '::' } })],
    broadcast: [/is reserved/, await at('255.255.255.255', { enrolment: { address: '255.255.255.255' } })]
  })
})
