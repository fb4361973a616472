import { setImmediate } from 'node:timers/promises'
import { anOwnEnrolment, aSituation } from '@joinery/testing/documents/situation'
import t from 'tap'
import { Value } from 'typebox/value'
import { AgentReport } from '../../src/status/agent-report.ts'
import { type BoardParts, statusBoard } from '../../src/status/status-board.ts'

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

t.test('the board keeps each change with the time of its start, and nothing that stays the same', async (t) => {
  const { show, kept, clock, settled } = open()
  show({ message: 'looking' })
  await settled()
  clock.now = 1000
  show({ situation: aSituation({ enrolment: anOwnEnrolment('pending') }), message: 'waiting for approval' })
  await settled()
  for (clock.now = 2000; clock.now < 9000; clock.now += 1000) {
    show({ situation: aSituation({ enrolment: anOwnEnrolment('pending') }), message: 'waiting for approval' })
    await settled()
  }
  t.match(kept, [
    { message: 'looking', since: 0 },
    { message: 'waiting for approval', since: 1000, enrolment: { state: 'pending' }, key: /^sha256:4f1c22ab/ }
  ])
  t.equal(kept.length, 2)
  for (const report of kept) t.ok(Value.Check(AgentReport, report), JSON.stringify(report))
})

t.test('changes during a write are written once, after the write', async (t) => {
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

t.test('a report that cannot be written is ignored, and the next one is written', async (t) => {
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
    first.show({ situation: aSituation({ enrolment: anOwnEnrolment(state) }), message: state })
    await first.settled()
  }
  t.same(first.announced, [line])
  const second = open()
  second.show({ situation: aSituation({ enrolment: anOwnEnrolment('pending') }) })
  await second.settled()
  t.same(second.announced, [line])
})

t.test('a name from the server cannot steer the console', async (t) => {
  const { show, announced, settled } = open()
  show({ situation: aSituation({ enrolment: anOwnEnrolment('frozen', { name: 'a\x1b[2J\n\u202eb' }) }) })
  await settled()
  t.match(announced[0], /^waiting for release as a\\u\{1b\}\[2J/)
  t.match(announced[0], /^[\x20-\x7e]*$/)
})

t.test('the board shows the server’s last answer until the server knows of nothing', async (t) => {
  const { show, kept, settled } = open()
  for (const part of [{ enrolment: anOwnEnrolment('approved') }, {}, { enrolment: 'none' as const }]) {
    show({ situation: aSituation(part), message: JSON.stringify(part) })
    await settled()
  }
  t.same(
    kept.map((report) => report.enrolment?.state),
    ['approved', 'approved', undefined]
  )
})

t.test('a report holds no code, whatever the situation holds', async (t) => {
  const { show, kept, settled } = open()
  show({ situation: aSituation({ code: 'jny_SECRET', enrolment: anOwnEnrolment('pending') }) })
  await settled()
  t.notMatch(JSON.stringify(kept), /SECRET/)
})

t.test('the board shows the server in use, and the others only if there are several', async (t) => {
  const { show, kept, settled } = open()
  const [a, b] = ['https://192.0.2.1:7443', 'https://192.0.2.2:7443'] as const
  show({ servers: [{ url: a, inUse: true }] })
  await settled()
  t.notOk('servers' in (kept.at(-1) ?? {}))
  show({
    servers: [
      { url: a, inUse: false, tried: { was: 'away', at: 5, why: 'gone' } },
      { url: b, inUse: true }
    ]
  })
  await settled()
  t.match(kept.at(-1), {
    server: b,
    servers: [
      { url: a, inUse: false, state: 'away', why: 'gone' },
      { url: b, inUse: true, state: 'not-tried' }
    ]
  })
  t.ok(Value.Check(AgentReport, kept.at(-1)))
})
