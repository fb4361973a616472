import type { JoinState } from '@joinery/agent/testing/machine'
import type { AgentMachine } from './agents.ts'

/**
 * Cuts the power once, as soon as the join is in such a state, before anything on the machine goes on. Returns a
 * function for the state after the boot.
 */
export const rebootWhen = (open: AgentMachine, is: (state: JoinState) => boolean): (() => JoinState | undefined) => {
  let done = false
  let booted: JoinState | undefined
  const look = async () => {
    if (!is(await open.machine.looking.joinState()) || done) return
    done = true
    await open.reboot()
    booted = await open.machine.looking.joinState()
  }
  open.machineClock.watch = look
  open.watch = look
  return () => booted
}
