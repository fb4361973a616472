import type { Executors } from './context.ts'
import { wipeCopies } from './wipe-copies.ts'

/** What the agent does where it has nothing to do. */
export const end: Executors<'finish' | 'keep' | 'start-anew' | 'give-up'> = {
  finish: async (_, context) => {
    const { machine, journal, joinKey, sealKey, situation } = context
    machine.status('the node is Ready')
    await machine.removeSecrets()
    await joinKey.remove()
    await sealKey.remove()
    // at each boot of a machine that is Ready: from a seed that is still attached cloud-init has copied again
    if (situation.code === undefined) await wipeCopies(context)
    const { joined } = situation.journal
    await journal.write({ accepted: true, ...(joined && { joined }) })
    return 'done'
  },

  keep: async ({ reason }, { machine, clock, signal }) => {
    machine.status(reason)
    await clock.sleep(10_000, signal)
  },

  'start-anew': async (_, { journal, log }) => {
    const { accepted, joined } = await journal.read()
    if (!accepted) return
    await journal.write(joined === undefined ? {} : { joined })
    log.info('this machine is no node any more and has a new code: it starts anew')
  },

  'give-up': async ({ reason }, { machine, joinKey, sealKey, log }) => {
    log.warn(reason)
    machine.status(reason)
    await machine.removeSecrets()
    await joinKey.remove()
    await sealKey.remove()
    return 'done'
  }
}
