import type { EnrolmentDetail, TimelineEntry } from '@joinery/protocol'
import { ago, detail } from '@joinery/testing/command/fixtures'
import { joinery, runWith, serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'

const entry = (seconds: number, actor: string, event: string, text: string): TimelineEntry => ({
  at: ago(seconds),
  actor,
  event,
  detail: text,
  alert: false
})
const failure = (cause: string) =>
  `as the machine reports it: machine: ${cause}\nat: [preflight]\nremedy: swapoff -a\n[preflight] Running\nerror: swap is on\u001b[1m`

const failed: EnrolmentDetail = {
  ...detail,
  state: 'approved',
  attempts: [
    { number: 1, claimed: ago(500), deadline: ago(0), failure: failure('swap is on') },
    { number: 2, claimed: ago(300), deadline: ago(-200), failure: failure('swap is still on') }
  ],
  agentSaid: {
    attempt: 2,
    lines: [
      { at: ago(301), line: 'claiming the credential' },
      { at: ago(250), line: 'closing the attempt' }
    ]
  },
  timeline: [
    entry(900, 'agent', 'enrol', 'code c1'),
    { ...entry(600, 'operator', 'approve', ''), by: 'alice (uid 1000)' },
    entry(500, 'agent', 'claim', 'attempt 1'),
    entry(400, 'agent', 'fail', `attempt 1: ${failure('swap is on')}`),
    entry(300, 'agent', 'claim', 'attempt 2'),
    entry(240, 'agent', 'fail', `attempt 2: ${failure('swap is still on')}`),
    entry(100, 'server', 'note', 'nothing else')
  ]
}

t.test('logs prints the newest attempt in the order of time, and sets off what the machine says', async (t) => {
  t.same(await joinery(t, { show: () => failed }, 'logs', 'node-1').then(({ calls: _, ...rest }) => rest), {
    exitCode: 0,
    err: '',
    out: `  | 2026-11-25T11:54:59Z   agent     claiming the credential
  | 2026-11-25T11:55:00Z   agent     claim: attempt 2
  | 2026-11-25T11:55:50Z   agent     closing the attempt
  | 2026-11-25T11:56:00Z   agent     fail: attempt 2: as the machine reports it: machine: swap is still on
  | 2026-11-25T11:56:00Z   agent     at: [preflight]
  | 2026-11-25T11:56:00Z   agent     remedy: swapoff -a
  | 2026-11-25T11:56:00Z   kubeadm   [preflight] Running
  | 2026-11-25T11:56:00Z   kubeadm   error: swap is on\\u{1b}[1m
    2026-11-25T11:58:20Z   server    note: nothing else
`
  })
})

t.test('logs --previous prints the attempt before, which began with the enrolment', async (t) => {
  const { exitCode, out } = await joinery(t, { show: () => failed }, 'logs', 'node-1', '--previous')
  t.equal(exitCode, 0)
  const texts = out.split('\n').map((line) => line.replace(/^.*?Z {3}/, ''))
  t.match(texts[0], /^agent +enrol: code c1$/)
  t.match(texts[1], /^operator alice \(uid 1000\) +approve$/)
  t.match(texts.at(-2), /^kubeadm +error: swap is on/)
  t.notMatch(out, 'still on')
  t.notMatch(out, 'claiming', 'the agent’s lines are of another attempt')
})

t.test('logs --previous without an attempt before is not found', async (t) => {
  for (const attempts of [[], failed.attempts.slice(0, 1)]) {
    const { exitCode, out, err } = await joinery(t, { show: () => ({ ...failed, attempts }) }, 'logs', 'node-1', '-p')
    t.same({ exitCode, out }, { exitCode: 3, out: '' })
    t.equal(err, 'error: there was no attempt before the newest one\nremedy: joinery logs node-1\n')
  }
})

t.test('logs of a machine that never claimed is all that happened to it', async (t) => {
  const { out } = await joinery(t, { show: () => detail }, 'logs', 'node-1')
  t.equal(out, '  | 2026-11-25T11:56:40Z   agent   enrol: code c1\n')
})

t.test('logs --tail prints the last lines, and refuses what is no number', async (t) => {
  const all = (await joinery(t, { show: () => failed }, 'logs', 'node-1')).out.split('\n')
  for (const [tail, count] of [
    ['2', 2],
    ['0', 0],
    ['1000', 9]
  ] as const) {
    const { out } = await joinery(t, { show: () => failed }, 'logs', 'node-1', '--tail', tail)
    const lines = out.split('\n').slice(0, -1)
    t.equal(lines.length, count, tail)
    const texts = (some: string[]) => some.map((line) => line.replace(/ {2,}/g, ' '))
    t.same(texts(lines), texts(all.slice(0, -1)).slice(9 - count), tail)
  }
  const { exitCode, err } = await joinery(t, { show: () => failed }, 'logs', 'node-1', '--tail', 'many')
  t.match({ exitCode, err }, { exitCode: 2, err: /give a number of lines/ })
})

t.test('logs --follow prints only what is new, survives an outage of the server, and ends with the way', async (t) => {
  const { timeline } = detail
  const looks: (() => EnrolmentDetail)[] = [
    () => detail,
    () => detail,
    () => ({ ...detail, state: 'joining', timeline: [...timeline, entry(60, 'agent', 'claim', 'attempt 1')] }),
    () => ({
      ...detail,
      state: 'ready',
      timeline: [...timeline, entry(60, 'agent', 'claim', 'attempt 1'), entry(30, 'cluster', 'become-ready', '')]
    })
  ]
  const server = await serveOperators(t, { show: () => (looks.length > 1 ? looks.shift() : looks[0])?.() })
  let pauses = 0
  const pause = async () => {
    pauses += 1
    if (pauses === 2) await server.stop()
    if (pauses === 4) await server.start()
  }
  const { exitCode, out, err } = await runWith(['--socket', server.socket, 'logs', 'node-1', '-f'], { pause })
  t.equal(
    out,
    `  | 2026-11-25T11:56:40Z   agent   enrol: code c1
  | 2026-11-25T11:59:00Z   agent   claim: attempt 1
    2026-11-25T11:59:30Z   cluster   become-ready
`
  )
  t.match(
    err,
    /^The pairing server has not answered since [^\n]+\nThe pairing server answers again as of [^\n]+\n$/,
    'once, and when it is back'
  )
  t.equal(exitCode, 0)
})

t.test('logs of a machine that nobody knows is not found', async (t) => {
  t.match(await joinery(t, {}, 'logs', 'node-9'), {
    exitCode: 3,
    out: '',
    err: /^error: no enrolment is called node-9/
  })
})
