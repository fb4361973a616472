import { given } from '@joinery/protocol/given'
import type { Executors } from './context.ts'
import { wipeCopies } from './wipe-copies.ts'

/** The steps if nothing is left to do. */
export const end: Executors<'finish' | 'keep' | 'start-anew' | 'give-up'> = {
  finish: async (_, context) => {
    const { joining, journal, joinKey, sealKey, say, situation } = context
    say('the node is Ready')
    await joining.removeSecrets()
    await joinKey.remove()
    await sealKey.remove()
    // at each boot of a machine that is Ready: cloud-init has copied again if its seed is still attached
    if (situation.code === undefined) await wipeCopies(context)
    const { joined } = situation.journal
    await journal.write({ accepted: true, ...given({ joined }) })
    return 'done'
  },

  keep: async ({ reason }, { say, clock, signal }) => {
    say(reason)
    await clock.sleep(10_000, signal)
  },

  'start-anew': async (_, { journal, log }) => {
    const { accepted, joined } = await journal.read()
    if (!accepted) return
    await journal.write(joined === undefined ? {} : { joined })
    log.info('this machine is no node any more and has a new code: the agent starts again')
  },

  'give-up': async ({ reason }, { joining, joinKey, sealKey, say, log }) => {
    log.warn(reason)
    say(reason)
    await joining.removeSecrets()
    await joinKey.remove()
    await sealKey.remove()
    return 'done'
  }
}
