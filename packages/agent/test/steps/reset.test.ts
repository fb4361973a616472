import t from 'tap'
import type { Attempt, Failure, Journal } from '../../src/journal/journal.ts'
import type { Context } from '../../src/steps/context.ts'
import { recover } from '../../src/steps/recover.ts'

/** Cleans up after a failed attempt, and says whether the machine was reset. */
const reset = async (part: Partial<Attempt>) => {
  const failure: Failure = { class: 'machine', stage: '', output: [] }
  let written: Journal = { attempt: { number: 1, nodeName: 'n', bootId: 'b', failure, reported: true, ...part } }
  let resets = 0
  const context = {
    looking: { joinState: async () => ({ unit: 'failed', kubeletConf: false, bootstrapConf: false, output: [] }) },
    joining: {
      reset: async () => {
        resets += 1
      }
    },
    journal: {
      read: async () => written,
      write: async (journal: Journal) => {
        written = journal
      }
    },
    memory: { stagesReported: 0 },
    clock: { monotonic: () => 0, random: () => 0 },
    say: () => {}
  } as unknown as Context
  await recover.reset({ do: 'reset' }, context)
  return { resets, written }
}

t.test('A9: an attempt that put nothing on the machine takes nothing from it', async (t) => {
  t.match(await reset({ untouched: true }), { resets: 0, written: { failures: [{ attempt: 1 }] } })
  t.match(await reset({}), { resets: 1, written: { failures: [{ attempt: 1 }] } })
})
