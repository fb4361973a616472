import t from 'tap'
import type { ApiAnswer, KubeletSight, KubeletUnit, Pem } from '../../src/machine/port/recovering.ts'
import { judgeKubelet, type Verdict } from '../../src/way-back/judge-kubelet.ts'

const at = (text: string): number => Date.parse(text)
const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '0A' }
const whole: Pem = { state: 'whole', certificate, notAfter: at('2026-11-01T00:00:00Z') }
const conf = { server: 'https://192.0.2.1:6443', ca: 'the CA' }
/** The API server's answer, and what it says its time is: a month after the certificate's end, or before it. */
const after = (status: number): ApiAnswer => ({ answer: 'http', status, date: at('2026-12-01T00:00:00Z') })
const before = (status: number): ApiAnswer => ({ answer: 'http', status, date: at('2026-10-01T00:00:00Z') })
const untrusted: ApiAnswer = { answer: 'untrusted' }
const none: ApiAnswer = { answer: 'none', why: 'refuses the connection' }
const ends: KubeletUnit = { state: 'ends' }
const stopped: KubeletUnit = { state: 'stopped' }
const runs: KubeletUnit = { state: 'runs', refused: false }
const refused: KubeletUnit = { state: 'runs', refused: true }

type Row = [name: string, sight: Partial<KubeletSight>, verdict: { is: Verdict['is']; [field: string]: unknown }]
const judged = (t: Tap, rows: Row[]) => {
  for (const [name, sight, verdict] of rows) {
    t.match(judgeKubelet({ pem: whole, conf, bootstrapConf: false, kubelet: ends, ...sight }), verdict, name)
  }
}
type Tap = Pick<typeof t, 'match'>

/** Every row of the reference's table of answers, in its order. */
t.test('what the API server answers to the certificate decides', async (t) => {
  judged(t, [
    ['good', { api: before(200) }, { is: 'nothing' }],
    ['expired', { api: after(401) }, { is: 'way-back', reason: 'expired', why: /over since 2026-11-01/ }],
    ['signed by another CA', { api: before(401) }, { is: 'unknown', why: /good until 2026-11-01.*another CA/ }],
    [
      '401 of something that says no time',
      { api: { answer: 'http', status: 401 } },
      { is: 'unknown', why: /what time/ }
    ],
    ['not let in', { api: after(403) }, { is: 'unknown', why: /status 403/ }],
    ['the Node was deleted', { api: before(404) }, { is: 'node-deleted', remedy: ['systemctl restart kubelet'] }],
    ['banned, which shows only on writes', { api: before(200) }, { is: 'nothing' }],
    ['its certificate is by another CA', { api: untrusted }, { is: 'authority-changed' }],
    ['nobody listens', { api: none }, { is: 'unknown', why: /refuses the connection/ }],
    ['an error of the API server', { api: after(500) }, { is: 'unknown', why: /status 500/ }]
  ])
})

t.test('the certificate is over by the clock of the API server, to the second, and by no other', async (t) => {
  const date = at('2026-11-01T00:00:00Z')
  judged(t, [
    ['at its end', { api: { answer: 'http', status: 401, date } }, { is: 'way-back', reason: 'expired' }],
    ['a second before', { api: { answer: 'http', status: 401, date: date - 1000 } }, { is: 'unknown' }],
    ['the API server takes it', { api: after(200) }, { is: 'nothing' }]
  ])
})

/** A probe without a certificate: 403 if anybody may ask, 401 if not. */
t.test('a certificate that is not there or of no use is the way back, whatever anybody is answered', async (t) => {
  const rows: [Pem['state'], string][] = [
    ['missing', 'missing'],
    ['dead-link', 'missing'],
    ['unreadable', 'unreadable'],
    ['key-does-not-fit', 'unreadable']
  ]
  for (const [state, reason] of rows) {
    const pem = { state } as Pem
    judged(t, [
      [`${state}, 403`, { pem, api: before(403) }, { is: 'way-back', reason: reason }],
      [`${state}, 401`, { pem, api: before(401) }, { is: 'way-back', reason: reason }],
      [`${state}, another CA`, { pem, api: untrusted }, { is: 'way-back', reason: reason }],
      [`${state}, nobody listens`, { pem, api: none }, { is: 'unknown' }]
    ])
  }
})

t.test('without kubelet.conf nobody can be asked, and only the pairing server can help', async (t) => {
  const look = (sight: Partial<KubeletSight>) =>
    judgeKubelet({ pem: whole, bootstrapConf: false, kubelet: ends, ...sight } as KubeletSight)
  t.match(look({}), { is: 'way-back', reason: 'missing' })
  t.match(look({ pem: { state: 'missing' } }), { is: 'way-back', reason: 'missing' })
})

t.test(
  'a kubelet that runs with what it holds in memory is left alone, unless the API server refuses it',
  async (t) => {
    const pem: Pem = { state: 'missing' }
    judged(t, [
      ['it runs', { pem, api: before(403), kubelet: runs }, { is: 'nothing', why: /in memory/ }],
      ['it runs, and cannot trust the API server', { pem, api: untrusted, kubelet: runs }, { is: 'way-back' }],
      ['it is refused', { pem, api: before(403), kubelet: refused }, { is: 'way-back', reason: 'missing' }],
      ['it is over while it runs', { api: after(401), kubelet: refused }, { is: 'way-back', reason: 'expired' }],
      ['it is over, and it runs', { api: after(401), kubelet: runs }, { is: 'way-back', reason: 'expired' }]
    ])
    t.match(judgeKubelet({ pem: whole, bootstrapConf: false, kubelet: runs }), { is: 'nothing', why: /in memory/ })
  }
)

t.test('a kubelet that somebody stopped is theirs to start', async (t) => {
  const remedy = ['systemctl start kubelet']
  judged(t, [
    ['over', { api: after(401), kubelet: stopped }, { is: 'unknown', remedy }],
    ['missing', { pem: { state: 'missing' }, api: before(403), kubelet: stopped }, { is: 'unknown', remedy }],
    ['another CA', { api: untrusted, kubelet: stopped }, { is: 'unknown', remedy }],
    ['good', { api: before(200), kubelet: stopped }, { is: 'nothing' }]
  ])
})

t.test('a control plane has the CA itself, and only root helps if its API server is down', async (t) => {
  const controlPlane = { authorityKey: true }
  const asRoot = ['kubeadm certs check-expiration', 'joinery-agent recover --as-root']
  judged(t, [
    ['another CA', { api: untrusted, controlPlane }, { is: 'unknown', remedy: asRoot }],
    ['its API server is down', { api: none, controlPlane }, { is: 'unknown', remedy: asRoot }],
    [
      'down, and no certificate',
      { pem: { state: 'missing' }, api: none, controlPlane },
      { is: 'unknown', remedy: asRoot }
    ],
    [
      'down, and the key of the CA is elsewhere',
      { api: none, controlPlane: { authorityKey: false } },
      { is: 'unknown', remedy: ['kubeadm certs check-expiration'] }
    ],
    ['over, and its API server answers', { api: after(401), controlPlane }, { is: 'way-back', reason: 'expired' }],
    ['good', { api: before(200), controlPlane }, { is: 'nothing' }]
  ])
})
