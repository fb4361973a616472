import { discoveryKubeconfig } from '@joinery/host/text/discovery-kubeconfig'
import type { Taints } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { fc } from '@joinery/testing/chance/drawn'
import { anyCharacter } from '@joinery/testing/texts/any-character'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { joinConfiguration } from '../../../src/machine/kubeadm/join-configuration.ts'

const credential = {
  attempt: 1,
  nodeName: 'worker-1',
  server: 'https://172.30.0.1:6443',
  certificateAuthority: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  token: 'abcdef.0123456789abcdef',
  expires: '2026-11-25T02:30:00.000Z'
}

const hostile = [
  'on',
  'null',
  '~',
  '1e3',
  '12:30:45',
  '0x10',
  'a\n---\nkind: Other',
  '"',
  '- a',
  '*a',
  '!!js/undefined',
  '<<',
  ''
]

t.test('a JoinConfiguration says where to discover the cluster and who joins, and holds no secret', async (t) => {
  t.equal(
    joinConfiguration('worker-1', '/run/joinery-agent/discovery.conf', '/run/containerd/containerd.sock'),
    `apiVersion: "kubeadm.k8s.io/v1beta4"
kind: "JoinConfiguration"
discovery:
  file:
    kubeConfigPath: "/run/joinery-agent/discovery.conf"
nodeRegistration:
  name: "worker-1"
  criSocket: "unix:///run/containerd/containerd.sock"
  kubeletExtraArgs:
    - name: "node-labels"
      value: "joinery.dev/joining="
`
  )
})

t.test('an address that was chosen for the Node becomes a flag of the kubelet', async (t) => {
  const text = joinConfiguration('worker-1', '/f', '/s', { nodeIp: '172.30.0.11' })
  t.match(text, /\n {4}- name: "node-ip"\n {6}value: "172\.30\.0\.11"\n$/)
  for (const address of ['172.30.0.11', 'fd00::11', ...hostile]) {
    const config = parse(joinConfiguration('worker-1', '/f', '/s', { nodeIp: address }), { version: '1.1' })
    t.same(
      config.nodeRegistration.kubeletExtraArgs,
      [
        { name: 'node-labels', value: 'joinery.dev/joining=' },
        { name: 'node-ip', value: address }
      ],
      address
    )
  }
})

t.test('the kubelet registers with the taints of the code, or with kubeadm’s own if there are none', async (t) => {
  const taints = [
    { key: 'dedicated', value: 'edge', effect: 'NoSchedule' },
    { key: 'example.org/on', value: '', effect: 'NoExecute' }
  ] as const
  const config = (given: typeof taints | []) =>
    parse(joinConfiguration('worker-1', '/f', '/s', { taints: [...given] }), { version: '1.1' }).nodeRegistration
  t.same(config(taints).taints, taints)
  t.notOk('taints' in config([]), 'an empty list would say something to kubeadm')
})

t.test('a control plane says where its API server is, and needs no certificate key', async (t) => {
  const text = joinConfiguration('cp-2', '/f', '/s', { controlPlane: { address: '192.0.2.9' } })
  const { controlPlane, timeouts } = parse(text, { version: '1.1' })
  t.same(controlPlane, { localAPIEndpoint: { advertiseAddress: '192.0.2.9', bindPort: 6443 } })
  t.same(
    timeouts,
    { etcdAPICall: '8m0s', tlsBootstrap: '8m0s', controlPlaneComponentHealthCheck: '8m0s' },
    'and has time on a small machine'
  )
  t.notMatch(text, /certificateKey|taints/)
})

t.test("a control plane that registers with taints lists kubeadm's own, which kubeadm would leave away", async (t) => {
  const own = { key: 'node-role.kubernetes.io/control-plane', value: '', effect: 'NoSchedule' } as const
  const other = { key: 'joinery.dev/not-in-service', value: '', effect: 'NoSchedule' } as const
  const taintsOf = (taints: Taints, controlPlane?: { address: string }) =>
    parse(joinConfiguration('cp-2', '/f', '/s', { taints, ...given({ controlPlane }) }), { version: '1.1' })
      .nodeRegistration.taints
  const address = '192.0.2.9'
  t.same(taintsOf([other], { address }), [own, other])
  t.same(taintsOf([other, { ...own, value: 'x' }], { address }), [other, { ...own, value: 'x' }], 'once')
  t.same(taintsOf([other, { ...own, effect: 'NoExecute' }], { address })?.[0], own, 'another effect is another taint')
  t.equal(taintsOf([], { address }), undefined, 'kubeadm sets its own')
  t.same(taintsOf([other]), [other], 'a worker has none of it')
})

t.test('a discovery kubeconfig holds endpoint, CA and token', async (t) => {
  t.equal(
    discoveryKubeconfig(credential),
    `apiVersion: "v1"
kind: "Config"
clusters:
  - name: "cluster"
    cluster:
      server: "https://172.30.0.1:6443"
      certificate-authority-data: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
users:
  - name: "bootstrap"
    user:
      token: "abcdef.0123456789abcdef"
contexts:
  - name: "join"
    context:
      cluster: "cluster"
      user: "bootstrap"
current-context: "join"
`
  )
})

t.test('a client certificate with the key of this machine takes the place of the token', async (t) => {
  const { token: _, ...others } = credential
  const [certificate, key] = ['-----BEGIN CERTIFICATE-----\nAA==\n', '-----BEGIN PRIVATE KEY-----\nBB==\n']
  const { users, contexts } = parse(discoveryKubeconfig({ ...others, certificate, key }))
  t.same(users, [
    {
      name: 'bootstrap',
      user: {
        'client-certificate-data': Buffer.from(certificate).toString('base64'),
        'client-key-data': Buffer.from(key).toString('base64')
      }
    }
  ])
  t.equal(contexts[0].context.user, 'bootstrap')
})

t.test('a hostile name stays one string of one document, also in YAML 1.1, which kubeadm reads', async (t) => {
  for (const name of hostile) {
    const text = joinConfiguration(name, '/f', '/s')
    t.equal(parseAllDocuments(text).length, 1, name)
    for (const version of ['1.1', '1.2'] as const) t.equal(parse(text, { version }).nodeRegistration.name, name, name)
  }
})

t.test('any value comes out of the kubeconfig as it went in', async () => {
  const any = fc.string({ unit: anyCharacter, maxLength: 200 })
  fc.assert(
    fc.property(any, any, any, (server, certificateAuthority, token) => {
      const config = parse(discoveryKubeconfig({ ...credential, server, certificateAuthority, token }), {
        version: '1.1'
      })
      const { cluster } = config.clusters[0]
      const pem = Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
      return cluster.server === server && pem === certificateAuthority && config.users[0].user.token === token
    })
  )
})
