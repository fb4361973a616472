import { setImmediate } from 'node:timers/promises'
import type { OwnEnrolment, State } from '@joinery/protocol'
import t from 'tap'
import { Value } from 'typebox/value'
import type { Situation } from '../../src/plan/plan.ts'
import { AgentReport } from '../../src/status/agent-report.ts'
import { type BoardParts, statusBoard } from '../../src/status/status-board.ts'

const enrolment = (state: State, name = 'worker-1'): OwnEnrolment => ({
  id: 'e1',
  revision: 1,
  state,
  name,
  role: 'worker',
  attempt: 0,
  message: state
})
const situation = (part: Partial<Situation> = {}): Situation => ({
  bootId: 'b',
  journal: {},
  join: { unit: 'absent', output: [], bootstrapConf: false, kubeletConf: false },
  observationAge: 0,
  unreported: false,
  mendAge: 0,
  nextAttemptIn: 0,
  surveyDue: false,
  imagesHere: false,
  policy: { remediate: 'safe', ignore: [] },
  ...part
})

const open = (parts: Partial<BoardParts> = {}) => {
  const kept: AgentReport[] = []
  const announced: string[] = []
  const clock = { now: 0 }
  const show = statusBoard({
    server: 'https://192.0.2.1:7443',
    process: { pid: 7, started: '100' },
    now: () => clock.now,
    key: async () => `sha256:4f1c22ab${'0'.repeat(56)}`,
    keep: async (report) => void kept.push(report),
    announce: (line) => void announced.push(line),
    ...parts
  })
  return { show, kept, announced, clock, settled: () => setImmediate() }
}

t.test('each change is kept, by the schema, with the time since when it is so; what is the same is not', async (t) => {
  const { show, kept, clock, settled } = open()
  show({ message: 'looking' })
  await settled()
  clock.now = 1000
  show({ situation: situation({ enrolment: enrolment('pending') }), message: 'waiting for approval' })
  await settled()
  for (clock.now = 2000; clock.now < 9000; clock.now += 1000) {
    show({ situation: situation({ enrolment: enrolment('pending') }), message: 'waiting for approval' })
    await settled()
  }
  t.match(kept, [
    { message: 'looking', since: 0 },
    { message: 'waiting for approval', since: 1000, enrolment: { state: 'pending' }, key: /^sha256:4f1c22ab/ }
  ])
  t.equal(kept.length, 2)
  for (const report of kept) t.ok(Value.Check(AgentReport, report))
})

t.test('what changes while a report is written is written once, after it', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const kept: string[] = []
  const { show, settled } = open({
    keep: async ({ message }) => {
      kept.push(message)
      await promise
    }
  })
  for (const message of ['one', 'two', 'three']) show({ message })
  await settled()
  resolve()
  await settled()
  t.same(kept, ['one', 'three'])
})

t.test('a report that cannot be kept is no matter, and the next one is', async (t) => {
  let full = true
  const kept: string[] = []
  const { show, settled } = open({
    keep: async ({ message }) => {
      if (full) throw new Error('ENOSPC')
      kept.push(message)
    }
  })
  show({ message: 'one' })
  await settled()
  full = false
  show({ message: 'one' })
  await settled()
  t.same(kept, ['one'])
})

t.test('the console shows the key once while an operator has to decide, and again after a restart', async (t) => {
  const line = 'waiting for approval as worker-1; key 4f1c-22ab-0000-0000-0000; compare with: joinery show worker-1'
  const first = open()
  for (const state of ['pending', 'pending', 'approved', 'joining'] as const) {
    first.show({ situation: situation({ enrolment: enrolment(state) }), message: state })
    await first.settled()
  }
  t.same(first.announced, [line])
  const second = open()
  second.show({ situation: situation({ enrolment: enrolment('pending') }) })
  await second.settled()
  t.same(second.announced, [line])
})

t.test('a name from the server cannot steer the console', async (t) => {
  const { show, announced, settled } = open()
  show({ situation: situation({ enrolment: enrolment('frozen', 'a\x1b[2J\n\u202eb') }) })
  await settled()
  t.match(announced[0], /^waiting for release as a\\u\{1b\}\[2J/)
  t.match(announced[0], /^[\x20-\x7e]*$/)
})

t.test('what the server said last is told until it says that it knows of nothing', async (t) => {
  const { show, kept, settled } = open()
  for (const part of [{ enrolment: enrolment('approved') }, {}, { enrolment: 'none' as const }]) {
    show({ situation: situation(part), message: JSON.stringify(part) })
    await settled()
  }
  t.same(
    kept.map((report) => report.enrolment?.state),
    ['approved', 'approved', undefined]
  )
})

t.test('a report holds no code, whatever the situation holds', async (t) => {
  const { show, kept, settled } = open()
  show({ situation: situation({ code: 'jny_SECRET', enrolment: enrolment('pending') }) })
  await settled()
  t.notMatch(JSON.stringify(kept), /SECRET/)
})
