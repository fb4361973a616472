import type { Enrolment } from '@joinery/protocol'
import { ProblemError } from '@joinery/protocol'
import { enrolment } from '@joinery/testing/command/fixtures'
import { type Answers, joinery, joineryAsked } from '@joinery/testing/command/operators'
import t from 'tap'

const one = (name: string, part: Partial<Enrolment> = {}): Enrolment => ({
  ...enrolment,
  id: `id-${name}`,
  name,
  ...part
})
const names = Array.from({ length: 10 }, (_, index) => `node-${index}`)

/** Machines that are Ready at the second look after their approval, but for those that fail or are refused. */
const world = (fails: readonly string[] = [], refused: readonly string[] = []): Answers => {
  const seen = new Map<string, number>()
  return {
    list: () => ({ items: names.map((name) => one(name)) }),
    approve: ({ reference }) => {
      if (refused.includes(reference)) throw new ProblemError('name-in-use')
      return one(reference.slice(3), { state: 'approved' })
    },
    show: ({ reference }) => {
      const look = (seen.get(reference) ?? 0) + 1
      seen.set(reference, look)
      const state = fails.includes(reference) ? 'failed' : look > 1 ? 'ready' : 'joining'
      return { ...one(reference.slice(3), { state, message: 'as the test says' }), timeline: [] }
    }
  }
}
const approvals = (calls: readonly { route: string; reference: string }[]): string[] =>
  calls.flatMap(({ route, reference }) => (route === 'approve' ? [reference] : []))

t.test('the canary is Ready before the next wave, and each wave before the one behind it', async (t) => {
  const { exitCode, err, out, calls, questions } = await joineryAsked(
    t,
    world(),
    ['y'],
    ...['approve', '--all', '--wave', '40%', '--canary', '1', '--stop-on', '2']
  )
  t.equal(exitCode, 0, err)
  t.same(questions, ['Approve these 10 machines? [y/N] '])
  const shape = calls.flatMap(({ route }) => (route === 'approve' ? 'a' : route === 'show' ? 's' : [])).join('')
  t.match(shape, /^as+a{4}s+a{4}s+as+$/)
  t.match(
    err,
    /\nWave 1: 1 to 1 of 10\nWave 2: 2 to 5 of 10\nWave 3: 6 to 9 of 10\nWave 4: 10 to 10 of 10\n10 of 10 ready, 0 failed\n$/
  )
  t.match(out, /^enrolment\/node-0 approved\nenrolment\/node-0 ready\nenrolment\/node-1 approved\n/)
})

t.test('waves stop when that many have failed, and say how to go on', async (t) => {
  const fails = ['id-node-0', 'id-node-2', 'id-node-3']
  const stopped = await joinery(t, world(fails), 'approve', '--all', '--yes', '--wave=2', '--stop-on=2')
  t.same(approvals(stopped.calls), ['id-node-0', 'id-node-1', 'id-node-2', 'id-node-3'])
  t.match(stopped, {
    exitCode: 1,
    err: /\nerror: node-0 does not get ready: it is failed: as the test says\nremedy: joinery show node-0\n[\s\S]*error: stopped: 1 of 10 ready, 3 failed, 6 left as they were\nremedy: see what is wrong with those that failed; then the same command goes on with the machines that are left\n$/
  })
  const canary = await joinery(t, world(['id-node-0']), 'approve', '--all', '--yes', '--canary=1')
  t.same(approvals(canary.calls), ['id-node-0'])
  t.match(canary, { exitCode: 1, err: /error: stopped: 0 of 10 ready, 1 failed, 9 left as they were\n/ })
  const bears = await joinery(
    t,
    world(['id-node-9'], ['id-node-4']),
    'approve',
    '--all',
    '--yes',
    '--wave=3',
    '--stop-on=3'
  )
  t.equal(approvals(bears.calls).length, 10)
  t.match(bears, { exitCode: 6, err: /\nerror: node-4: .*\(name-in-use\)\n[\s\S]*error: 8 of 10 ready, 2 failed\n$/ })
})

t.test('a machine that does not come in time is a failure, and a server that is away ends the waves', async (t) => {
  const late = await joinery(
    t,
    { ...world(), show: ({ reference }) => ({ ...one(reference.slice(3), { state: 'joining' }), timeline: [] }) },
    ...['approve', '--all', '--yes', '--wave=3', '--timeout=2s', '-o', 'name']
  )
  t.match(late, { exitCode: 5, out: '', err: /error: stopped: 0 of 10 ready, 3 failed, 7 left as they were\n/ })
  const away = await joinery(
    t,
    {
      ...world(),
      approve: () => {
        throw new ProblemError('store-unavailable')
      }
    },
    ...['approve', '--all', '--yes', '--wave=3', '--stop-on=9']
  )
  t.same(approvals(away.calls), ['id-node-0'])
  t.match(away, { exitCode: 1, err: /error: stopped: 0 of 10 ready, 1 failed, 9 left as they were\n/ })
})

t.test('waves are for a selection, and their sizes must have their form', async (t) => {
  for (const [words, why] of [
    [['node-1', '--wave', '3'], /waves are for a selection/],
    [['--all', '--stop-on', '3'], /--stop-on is for waves/],
    [['--all', '--wave', '0'], /give a number of machines, such as 5, or a share/],
    [['--all', '--wave', '101%'], /give a number of machines/],
    [['--all', '--canary', 'x'], /give a number of machines/],
    [['--all', '--wave', '3', '--stop-on', '0'], /give a number from 1 to 9999/]
  ] as const) {
    t.match(await joinery(t, {}, 'approve', ...words), { exitCode: 2, err: why, calls: { length: 0 } }, words.join(' '))
  }
  const dry = await joinery(t, world(), 'approve', '--all', '--wave', '3', '--dry-run=client')
  t.match(dry, { exitCode: 0, err: /\n10 approved \(client dry run\)\n$/ })
})
