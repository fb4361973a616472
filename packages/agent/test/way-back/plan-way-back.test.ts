import type { SeenEnrolment } from '@joinery/protocol'
import t from 'tap'
import type { KubeletSight, Pem } from '../../src/machine/port/recovering.ts'
import { judgeKubelet } from '../../src/way-back/judge-kubelet.ts'
import { type Claimed, planWayBack, type Situation, type Step } from '../../src/way-back/plan-way-back.ts'

const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '0A' }
const renewed = { ...certificate, serial: '0B' }
const over: Pem = { state: 'whole', certificate, notAfter: 1_000 }
const fresh: Pem = { state: 'whole', certificate: renewed, notAfter: 9_000 }
const conf = { server: 'https://192.0.2.1:6443', ca: 'the CA' }
const http = (status: number) => ({ answer: 'http', status, date: 2_000 }) as const
const expired: Partial<KubeletSight> = { pem: over, api: http(401) }
const good: Partial<KubeletSight> = { pem: fresh, api: http(200) }

const enrolment = (more: Partial<SeenEnrolment>): SeenEnrolment => ({
  id: 'e',
  revision: 1,
  state: 'recovering',
  name: 'worker-1',
  role: 'worker',
  attempt: 1,
  message: 'the message',
  ...more
})

const claimed: Claimed = {
  attempt: 2,
  credential: { certificate: '', key: '' },
  way: conf,
  renewsAuthority: false,
  inTheWay: false,
  before: '0A',
  until: 10_000
}

const planned = (sight: Partial<KubeletSight>, more: Partial<Situation> = {}): Step => {
  const seen = { bootstrapConf: false, kubelet: { state: 'ends' }, conf, ...sight } as KubeletSight
  return planWayBack({
    sight: seen,
    verdict: judgeKubelet(seen),
    record: {},
    restarted: false,
    now: 0,
    ...more
  })
}

const bootstrapConf = true
const runs = { kubelet: { state: 'runs', refused: false } } as const
const waiting = enrolment({ recovery: { state: 'waiting' } })
const approved = enrolment({ recovery: { state: 'approved' } })

const beforeTheClaim: [string, Step, Partial<KubeletSight>, Partial<Situation>?][] = [
  ['a good certificate', { do: 'finish', why: 'the API server takes the certificate of the kubelet' }, good],
  ['a credential that was left, and a good certificate', { do: 'clear' }, { ...good, bootstrapConf }],
  ['a credential that was left', { do: 'clear' }, { ...expired, bootstrapConf }],
  ['it is over', { do: 'ask', reason: 'expired' }, expired],
  ['it is missing', { do: 'ask', reason: 'missing' }, { pem: { state: 'missing' }, api: http(403) }],
  ['it cannot be read', { do: 'ask', reason: 'unreadable' }, { pem: { state: 'unreadable' }, api: http(403) }],
  ['another CA', { do: 'ask', reason: 'unreadable' }, { pem: fresh, api: { answer: 'untrusted' } }],
  ['nobody has decided', { do: 'wait', reason: 'the message' }, expired, { enrolment: waiting }],
  ['it is approved', { do: 'claim' }, expired, { enrolment: approved }],
  [
    'the server ended it',
    { do: 'stop', end: 'failed', why: 'the message', remedy: [] },
    expired,
    {
      enrolment: enrolment({ state: 'ready' })
    }
  ],
  [
    'the server knows no such key',
    { do: 'stop', end: 'failed', why: 'the pairing server does not know this machine', remedy: [] },
    expired,
    { enrolment: 'none' }
  ]
]

t.test('before a claim the disk, the API server and the pairing server decide', async (t) => {
  for (const [name, step, sight, more] of beforeTheClaim) t.same(planned(sight, more), step, name)
  t.match(planned(expired, { enrolment: enrolment({ state: 'unknown' }) }), { do: 'wait', reason: /newer/ })
  t.match(planned({ pem: over, api: { answer: 'none', why: 'is off' } }), { do: 'stop', end: 'later' })
  t.match(planned({ pem: over, api: http(404) }), { do: 'stop', end: 'failed', remedy: ['systemctl restart kubelet'] })
})

t.test('a way back that came to its end unheard is reported once more', async (t) => {
  const record = { current: 'a', next: 'b', asked: true } as const
  t.same(planned(good, { record }), { do: 'acknowledge', certificate: renewed })
  t.match(planned(good, { record: { current: 'a', next: 'b' } }), { do: 'finish' }, 'the server never heard of it')
  t.match(planned(good, { record: { current: 'b' } }), { do: 'finish' })
})

const afterTheClaim: [string, Step['do'], Partial<KubeletSight>, Partial<Claimed>?, Partial<Situation>?][] = [
  ['nothing is written', 'place', expired],
  ['somebody removed what was written', 'place', { pem: { state: 'missing' }, api: http(403) }],
  ['the kubelet has to come round', 'await', { ...expired, bootstrapConf }],
  ['the kubelet runs with the old one', 'restart', { ...expired, bootstrapConf, ...runs }],
  ['it was restarted', 'await', { ...expired, bootstrapConf, ...runs }, {}, { restarted: true }],
  [
    'the kubelet would take the old one for good',
    'remove-certificate',
    { ...expired, bootstrapConf },
    { inTheWay: true }
  ],
  ['the old one is away', 'await', { pem: { state: 'missing' }, api: http(403), bootstrapConf }, { inTheWay: true }],
  [
    'a dead link is in nobody’s way',
    'await',
    { pem: { state: 'dead-link' }, api: http(403), bootstrapConf },
    { inTheWay: true }
  ],
  ['the new one is there, and nothing is written again', 'await', { pem: fresh, api: http(404) }],
  ['the new one is never removed', 'await', { pem: fresh, api: http(404), bootstrapConf }, { inTheWay: true }],
  ['another serial, and the API server takes it', 'report', { ...good, bootstrapConf }],
  ['another serial, and the Node is not there yet', 'await', { pem: fresh, api: http(404), bootstrapConf }],
  ['the old serial, and the API server takes it', 'await', { pem: over, api: http(200), bootstrapConf }],
  ['the time is over', 'fail', { ...expired, bootstrapConf }, { until: 0 }],
  ['a new one in the last moment', 'report', { ...good, bootstrapConf }, { until: 0 }]
]

t.test('after a claim the credential is placed, and the kubelet takes it up', async (t) => {
  for (const [name, step, sight, more, situation] of afterTheClaim) {
    t.equal(planned(sight, { claimed: { ...claimed, ...more }, ...situation }).do, step, name)
  }
})

t.test('a failure is told before anything else', async (t) => {
  const failure = { attempt: 2, class: 'cluster', cause: 'a lie' } as const
  t.same(planned(expired, { failure, enrolment: approved }), { do: 'fail', failure })
})
