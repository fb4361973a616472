import type { AgentStatus, State } from '@joinery/protocol'
import t from 'tap'
import { endOf, frameOf } from '../../src/status/watch-lines.ts'
import { watchStatus } from '../../src/status/watch-status.ts'

const status = (part: Partial<AgentStatus> = {}): AgentStatus => ({
  version: 1,
  agent: 'running',
  message: 'waiting',
  remedy: [],
  failures: [],
  checks: [],
  changes: [],
  ...part
})
const enrolment = (state: State) => ({ id: 'e1', name: 'worker-1', state })
const joining = (done: number, stage?: string) =>
  status({
    message: `joining: ${stage}`,
    enrolment: enrolment('joining'),
    attempt: { number: 1, done, of: 8, ...(stage !== undefined && { stage }) }
  })

t.test('a watch ends when the node is Ready, or when only a person can go on', async (t) => {
  const table: [Partial<AgentStatus>, 0 | 1 | undefined][] = [
    [{ agent: 'starting' }, undefined],
    [{ agent: 'running' }, undefined],
    [{ agent: 'running', enrolment: enrolment('pending') }, undefined],
    [{ agent: 'running', enrolment: enrolment('frozen') }, undefined],
    [{ agent: 'running', enrolment: enrolment('ready') }, undefined],
    [{ agent: 'running', enrolment: enrolment('failed') }, 1],
    [{ agent: 'running', enrolment: enrolment('expired') }, 1],
    [{ agent: 'running', enrolment: enrolment('rejected') }, 1],
    [{ agent: 'ready' }, 0],
    [{ agent: 'ended' }, 1],
    [{ agent: 'failed' }, 1],
    [{ agent: 'stopped' }, 1],
    [{ agent: 'not-configured' }, 1]
  ]
  for (const [part, code] of table) t.equal(endOf(status(part)), code, JSON.stringify(part))
})

t.test('a join is a bar on a screen, and lines if there is none', async (t) => {
  const stage = '[kubelet-start] Starting the kubelet'
  t.same(frameOf(joining(4, stage), true), {
    line: 'joining as worker-1',
    bar: `[############------------] 4/8 ${stage}`
  })
  t.same(frameOf(joining(0), true), { line: 'joining as worker-1', bar: '[------------------------] 0/8' })
  t.same(frameOf(joining(8, 'This node has joined'), true).bar, '[########################] 8/8 This node has joined')
  t.same(frameOf(joining(4, stage), false), { line: `joining: 4/8 ${stage}` })
})

t.test('a watch shows the key that an operator compares', async (t) => {
  const key = `sha256:4f1c22ab${'0'.repeat(56)}`
  t.same(frameOf(status({ enrolment: enrolment('pending'), key }), true), {
    line: 'waiting; key 4f1c-22ab-0000-0000-0000; compare with: joinery show worker-1'
  })
})

t.test('text from a server or kubeadm cannot steer the screen', async (t) => {
  for (const screen of [true, false]) {
    for (const hostile of [status({ message: '\x1b[2J\n' }), joining(1, '\x1b[2J\n')]) {
      const { line, bar = '' } = frameOf(hostile, screen)
      t.match(line + bar, /^[\x20-\x7e]*$/, JSON.stringify(hostile))
    }
  }
})

const play = async (screen: boolean, statuses: AgentStatus[]) => {
  const said = { out: '', err: '' }
  const left = [...statuses]
  const code = await watchStatus({
    read: async () => left.shift() as AgentStatus,
    pause: async () => {},
    columns: 40,
    terminal: {
      out: (text) => {
        said.out += text
      },
      err: (text) => {
        said.err += text
      },
      colour: false,
      screen,
      exit: () => {}
    }
  })
  return { code, ...said, unread: left.length }
}

const way = [
  status({ agent: 'starting', message: 'the agent is starting' }),
  status(),
  status(),
  joining(1, '[preflight] Running pre-flight checks'),
  joining(1, '[preflight] Running pre-flight checks'),
  joining(8, 'This node has joined the cluster'),
  status({ agent: 'ready', message: 'the node is Ready' }),
  status()
]

t.test('without a screen each change is one line', async (t) => {
  t.same(await play(false, way), {
    code: 0,
    out: [
      'starting: the agent is starting',
      'waiting',
      'joining: 1/8 [preflight] Running pre-flight checks',
      'joining: 8/8 This node has joined the cluster',
      'ready: the node is Ready',
      ''
    ].join('\n'),
    err: '',
    unread: 1
  })
})

t.test('on a screen the bar is written over, within its width, and is wiped at the end', async (t) => {
  const wipe = '\r\x1b[2K'
  const { out, code } = await play(true, way)
  t.equal(
    out,
    [
      'starting: the agent is starting\n',
      'waiting\n',
      'joining as worker-1\n',
      `${wipe}[###---------------------] 1/8 [preflig`,
      `${wipe}[########################] 8/8 This nod`,
      `${wipe}ready: the node is Ready\n${wipe}`
    ].join('')
  )
  t.equal(code, 0)
})

t.test('a watch that ends for a person prints the remedies', async (t) => {
  const remedy = ['systemctl enable --now joinery-agent']
  t.match(await play(false, [status({ agent: 'stopped', message: 'it does not run', remedy })]), {
    code: 1,
    out: 'stopped: it does not run\n',
    err: 'remedy: systemctl enable --now joinery-agent\n'
  })
})
