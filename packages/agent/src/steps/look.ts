import { isOwnLeftover } from '../plan/own-leftovers.ts'
import { preflightInput } from '../plan/preflight-input.ts'
import type { Executors } from './context.ts'
import { takeBack } from './take-back.ts'

/** Looks at this machine, and mends what it may. */
export const look: Executors<'observe' | 'mend'> = {
  observe: async (_, { machine, joinKey, sealKey, memory, situation, clock, config }) => {
    // the look that is repeated while it waits is not what it waits for
    if (memory.observation === undefined) machine.status('looking at this machine')
    const [{ fingerprint }, seal, facts, preflight] = await Promise.all([
      joinKey.load(),
      memory.known?.role === 'control-plane' ? sealKey.load() : undefined,
      machine.facts(),
      machine.preflight(
        preflightInput(config, memory, situation.policy, isOwnLeftover(situation.journal, situation.join))
      )
    ])
    memory.observation = {
      value: { facts, preflight, joinKey: fingerprint, ...(seal && { sealKey: seal.signed }) },
      at: clock.monotonic()
    }
  },

  mend: async ({ checks, level }, context) => {
    const { machine, memory, clock, log, signal } = context
    if (memory.mendWaitsSince === undefined) machine.status('mending this machine')
    const { changes, waits } = await machine.mend(checks, level)
    for (const { what, ...change } of changes) log.info(change, what)
    memory.mendedAt = clock.monotonic()
    if (waits === undefined) {
      delete memory.mendWaitsSince
      delete memory.observation
      if (checks.some(({ name }) => name === 'earlier-join')) await takeBack(context)
      return
    }
    if (memory.mendWaitsSince === undefined) log.info(`nothing is mended yet: ${waits}`)
    memory.mendWaitsSince ??= clock.monotonic()
    machine.status(`nothing is mended yet: ${waits}`)
    await clock.sleep(1000, signal)
  }
}
