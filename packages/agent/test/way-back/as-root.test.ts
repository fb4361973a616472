import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { paths } from '../../src/host/paths.ts'
import { makeKey } from '../../src/keys/make-key.ts'
import { nodeNameOf } from '../../src/machine/kubeadm/node-name.ts'
import type { BootstrapCredential, KubeletSight, Recovering } from '../../src/machine/port/recovering.ts'
import { recoverAsRoot } from '../../src/way-back/as-root.ts'
import { authority } from '../machine/way-back/authority.ts'
import { nodeCertificate } from '../machine/way-back/node-certificate.ts'
import { recorder } from '../support/recorder.ts'

const ca = await authority()
const key = makeKey()
const cert = await nodeCertificate(ca, key, 'cp-1')
const conf = { server: 'https://192.0.2.9:6443', ca: ca.cert }
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** What `kubeadm kubeconfig user` prints. */
const kubeconfig = (certificate: string, of: string): string =>
  stringify({
    clusters: [{ cluster: { server: 'https://192.0.2.1:6443', 'certificate-authority-data': base64(ca.cert) } }],
    users: [{ user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(of) } }]
  })

/** What `kubeadm certs check-expiration` prints on a control plane that joined. It has no super-admin.conf. */
const expirations = (first: string): string =>
  [
    'CERTIFICATE                EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED',
    first,
    'apiserver                  Nov 27, 2027 10:00 UTC   364d            ca                      no      ',
    '!MISSING! super-admin.conf                                                                          ',
    ''
  ].join('\n')
const good = 'admin.conf                 Nov 27, 2027 10:00 UTC   364d            ca                      no      '
const invalid = 'admin.conf                 Nov 27, 2025 10:00 UTC   <invalid>       ca                      no      '
const missing = (name: string): string => `!MISSING! ${name}                                                      `

const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '0A' }
const over: KubeletSight['pem'] = { state: 'whole', certificate, notAfter: 1_000 }
const down = { answer: 'none', why: 'refuses the connection' } as const
const fresh = { state: 'whole', certificate: { ...certificate, serial: '0B' }, notAfter: 9e12 } as const

interface Host {
  sight?: Partial<KubeletSight>
  /** Looks until the kubelet has its certificate. */
  looks?: number
  /** kubeadm's line about its first certificate. */
  first?: string
  /** An etcd runs on the machine. */
  etcd?: boolean
  printed?: string
  agrees?: boolean
}

const host = async (
  t: Test,
  { sight = {}, looks = 1, first = good, etcd = true, printed = kubeconfig(cert, key), agrees = true }: Host = {}
) => {
  const root = t.testdir({
    run: { 'joinery-agent': {} },
    etc: { kubernetes: { manifests: etcd ? { 'etcd.yaml': '' } : {} } }
  })
  const acts: string[] = []
  const [told, asked, written]: [string[], string[], { user: BootstrapCredential; server: string }[]] = [[], [], []]
  const { exec, commands } = recorder((command) => {
    if (command === 'kubeadm certs check-expiration') return expirations(first)
    return command === 'kubeadm version -o short' ? 'v1.37.2\n' : printed
  })
  let seen = 0
  const recovering: Recovering = {
    look: async () => {
      seen += 1
      const first = {
        pem: over,
        conf,
        api: down,
        bootstrapConf: false,
        controlPlane: { authorityKey: true, ca: ca.cert }
      }
      if (written.length > 0 && seen > looks) return { ...first, pem: fresh, api: { answer: 'http', status: 200 } }
      return { ...first, kubelet: { state: 'ends' }, ...sight }
    },
    keyAlgorithm: async () => 'ECDSA-P256',
    ask: async () => down,
    replaceAuthority: async () => void acts.push('replaceAuthority'),
    writeBootstrap: async ({ server }, user) => {
      acts.push('writeBootstrap')
      written.push({ server, user })
    },
    removeBootstrap: async () => void acts.push('removeBootstrap'),
    removeCertificate: async () => void acts.push('removeCertificate'),
    restartKubelet: async () => void acts.push('restartKubelet'),
    kubeletLog: async () => []
  }
  let now = 0
  const files = filesUnder(root)
  const run = () =>
    recoverAsRoot({
      files,
      exec,
      recovering,
      clock: {
        monotonic: () => now,
        now: () => 1_000_000,
        random: () => 0,
        sleep: async (milliseconds) => {
          now += milliseconds
        }
      },
      runDirectory: '/run/joinery-agent',
      nodeName: 'cp-1',
      tell: (line) => void told.push(line),
      agrees: async (question) => {
        asked.push(question)
        return agrees
      },
      signal: new AbortController().signal
    })
  return { run, acts, told, asked, written, commands, left: () => files.list('/run/joinery-agent') }
}

t.test('root gives a control plane a credential by the CA key that lies there, and no secret is left', async (t) => {
  const { run, acts, asked, written, commands, left } = await host(t)
  t.match(await run(), { end: 'recovered', why: /cp-1.*serial 0B/ })
  t.same(acts, ['writeBootstrap', 'restartKubelet', 'removeBootstrap'])
  t.match(written, [{ server: conf.server, user: { certificate: cert, key } }], 'its own API server')
  t.match(asked, [/system:node:cp-1/])
  t.equal(commands[0], 'kubeadm certs check-expiration', 'the others are looked at first')
  t.equal(
    commands.at(-1),
    'kubeadm kubeconfig user --config /run/joinery-agent/kubeconfig-user.yaml --org system:nodes --client-name system:node:cp-1 --validity-period 1h'
  )
  t.same(await left(), [])
  t.notMatch(commands.join('\n'), /PRIVATE/)
})

t.test('other certificates that are over are what to mend first', async (t) => {
  const rows: [line: string, name: string][] = [
    [invalid, 'admin.conf'],
    [missing('apiserver-kubelet-client'), 'apiserver-kubelet-client'],
    [missing('etcd-server'), 'etcd-server']
  ]
  for (const [first, name] of rows) {
    const { run, acts, told, asked } = await host(t, { first })
    const message = `other certificates of this control plane are over or missing: ${name}`
    await t.rejects(run(), { message, remedy: 'kubeadm certs renew all' }, name)
    t.same(told, [first.trim()], name)
    t.same([acts, asked], [[], []], name)
  }
})

t.test('what only another machine has is not missing', async (t) => {
  const { run } = await host(t, { first: missing('etcd-server'), etcd: false })
  t.match(await run(), { end: 'recovered' })
})

t.test('nothing is done where nothing is to do, or where it would be of no use', async (t) => {
  const good = { pem: over, api: { answer: 'http', status: 200 } } as const
  const rows: [string, Host, object][] = [
    ['a good certificate', { sight: good }, { end: 'nothing' }],
    [
      'one that the kubelet takes for good',
      { sight: { pem: fresh } },
      { end: 'failed', why: /good until .*use no other/ }
    ],
    ['a kubelet that is stopped', { sight: { kubelet: { state: 'stopped' } } }, { end: 'failed', why: /is stopped/ }],
    ['nobody agrees', { agrees: false }, { end: 'failed', why: /nothing was changed/ }]
  ]
  for (const [what, given, end] of rows) {
    const { run, acts } = await host(t, given)
    t.match(await run(), end, what)
    t.same(acts, [], what)
  }
  for (const controlPlane of [undefined, { authorityKey: false }]) {
    const { run, acts } = await host(t, { sight: { controlPlane } as KubeletSight })
    await t.rejects(run(), { message: /key of the cluster CA/, remedy: 'joinery-agent recover' })
    t.same(acts, [])
  }
})

t.test('a certificate of no use is taken out of the way of the kubelet', async (t) => {
  const { run, acts } = await host(t, { sight: { pem: { state: 'unreadable' } } })
  t.match(await run(), { end: 'recovered' })
  t.same(acts, ['writeBootstrap', 'removeCertificate', 'restartKubelet', 'removeBootstrap'])
})

t.test('a kubelet that gets no certificate ends the wait, and the credential is removed', async (t) => {
  const { run, acts } = await host(t, { looks: Number.POSITIVE_INFINITY })
  t.match(await run(), { end: 'failed', why: /in ten minutes/ })
  t.equal(acts.at(-1), 'removeBootstrap')
})

t.test('a credential for another name, or by another CA, is not placed', async (t) => {
  const wrong = [await nodeCertificate(ca, key, 'cp-2'), await nodeCertificate(await authority(), key, 'cp-1')]
  for (const certificate of wrong) {
    const { run, acts, left } = await host(t, { printed: kubeconfig(certificate, key) })
    await t.rejects(run(), { message: /cannot be used/ })
    t.same(acts, [])
    t.same(await left(), [])
  }
})

t.test('the name of the Node is in the certificate, else in the flags, else it is the host’s', async (t) => {
  const files: Record<string, string> = { [paths.hostname]: 'Host-1\n' }
  const name = () => nodeNameOf({ read: async (path) => files[path] })
  t.equal(await name(), 'host-1')
  files['/var/lib/kubelet/kubeadm-flags.env'] = 'KUBELET_KUBEADM_ARGS="--hostname-override=cp-2 --v=1"\n'
  t.equal(await name(), 'cp-2')
  files[paths.kubeletCertificate] = 'no certificate'
  t.equal(await name(), 'cp-2')
  files[paths.kubeletCertificate] = `${cert}\n${key}`
  t.equal(await name(), 'cp-1')
})
