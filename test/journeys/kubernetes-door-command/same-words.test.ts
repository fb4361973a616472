import { type Event, next, type State } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { runWith } from '@joinery/testing/command/operators'
import { joined, ready } from '@joinery/testing/pairing/joined'
import { approve, claimed, enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { openBehindFront } from './behind-the-front.ts'

/** What an operator types for each event. */
const typed: Partial<Record<Event, (name: string) => string[]>> = {
  approve: (name) => ['approve', name, '--yes'],
  retry: (name) => ['retry', name, '--yes'],
  release: (name) => ['release', name, '--key', 'f'.repeat(64)],
  reject: (name) => ['reject', name, '--reason', 'x', '--yes'],
  remove: (name) => ['remove', name, '--yes']
}

/** How a machine of that name comes into each state. */
const ways: Partial<
  Record<State, (behind: Awaited<ReturnType<typeof openBehindFront>>, name: string) => Promise<unknown>>
> = {
  pending: ({ pairing }, name) => enrolled(pairing, name),
  approved: async ({ pairing }, name) => {
    await enrolled(pairing, name)
    await approve(pairing, name)
  },
  joining: ({ pairing }, name) => claimed(pairing, name),
  joined: ({ pairing }, name) => joined(pairing, name),
  ready: ({ pairing }, name) => ready(pairing, name),
  failed: async ({ pairing }, name) => {
    const { machine } = await claimed(pairing, name)
    for (let attempt = 1; ; attempt += 1) {
      await machine.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: [] })
      if ((await pairing.operator.show(name)).state === 'failed') return
      await machine.server.claim()
    }
  },
  frozen: async ({ pairing }, name) => {
    const { code } = await pairing.code(name)
    await (await pairing.machine()).enrol(code)
    await (await pairing.machine()).enrol(code).catch(() => undefined)
  },
  rejected: async ({ pairing }, name) => {
    await enrolled(pairing, name)
    await pairing.operator.reject(name, { reason: 'not one of ours' })
  },
  removed: async ({ pairing }, name) => {
    await ready(pairing, name)
    await pairing.operator.remove(name)
  }
}

t.test('U18: a verb that is not possible has the same words and the same remedy over both doors', async (t) => {
  const behind = await openBehindFront(t)
  const { pairing } = behind
  const { socket } = pairing.config.operators
  const doors = {
    socket: (...words: string[]) => runWith(words, { socket, now: () => new Date(), pause: shortSleep(2) }),
    cluster: behind.joinery
  }
  for (const [state, come] of Object.entries(ways)) {
    const name = `is-${state}`
    await come(behind, name)
    const { id, revision } = await pairing.operator.show(name)
    await eventually(`the view of ${name} follows`, () => {
      const view = pairing.cluster.views.statuses('enrolments').get(id) as
        | { state?: string; revision?: number }
        | undefined
      return view?.state === state && view.revision === revision
    })
    for (const [event, words] of Object.entries(typed)) {
      const dryRuns = event === 'release' ? [[]] : [[], ['--dry-run=server']]
      if (next(state as State, event as Event) !== undefined) continue
      for (const more of dryRuns) {
        const line = [...words(name), ...more]
        const one = await doors.socket(...line)
        // the same approval again changes nothing; a view does not tell of one that was made on the host
        if (one.exitCode === 0) continue
        const other = await doors.cluster(...line)
        t.match(errorsIn(one.err), /^error: .*\nremedy: .*joinery [a-z]/, `${state}: ${line.join(' ')}`)
        t.same([other.exitCode, errorsIn(other.err)], [one.exitCode, errorsIn(one.err)], `${state}: ${line.join(' ')}`)
      }
    }
  }
})

t.test('U18: what the server refuses by itself has its remedy over both doors, too', async (t) => {
  const behind = await openBehindFront(t)
  const { pairing } = behind
  const { socket } = pairing.config.operators
  await ready(pairing, 'worker-1')
  await enrolled(pairing, 'worker-1')
  const { items } = await pairing.operator.list({ state: 'pending' })
  const id = items[0]?.id ?? ''
  await eventually('the view', () => pairing.cluster.views.statuses('enrolments').has(id))
  const over = await runWith(['approve', id, '--yes'], { socket })
  t.match(errorsIn(over.err), /name-in-use\)\nremedy: .*joinery approve .*--replace/)
  t.equal(errorsIn((await behind.joinery('approve', id, '--yes')).err), errorsIn(over.err))
})

/** What stands after the evidence, which a view has less of. */
const errorsIn = (text: string): string => text.slice(Math.max(text.indexOf('error: '), 0))
