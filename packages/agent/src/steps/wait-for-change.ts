import type { Context } from './context.ts'

/** Waits until the server has news of the enrolment, `seconds` at most. */
export const waitForChange = async ({ server, memory, signal, clock }: Context, seconds: number): Promise<void> => {
  const known = typeof memory.enrolment === 'object' ? memory.enrolment.revision : 0
  const before = clock.monotonic()
  const newer = await server.wait(known, seconds, signal)
  memory.enrolment = newer ?? memory.enrolment ?? 'none'
  // a server that answers at once all the same must not make a busy loop
  if (newer === undefined && clock.monotonic() - before < 1000) await clock.sleep(1000, signal)
}
