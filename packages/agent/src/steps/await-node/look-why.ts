import type { Cause } from '@joinery/protocol'
import { Refused } from '../../pairing/pairing-server.ts'
import {
  firstCause,
  isLookDue,
  lookEvery,
  mustReport,
  noLooks,
  toldCauses,
  type WhyLooks
} from '../../plan/why-looks.ts'
import type { Context } from '../context.ts'

/**
 * Looks beside the wait why the Node is not Ready, if it is time for that, and tells the server what changed. It returns at once, with the
 * words of the cause that was found last. A look that fails changes nothing.
 */
export const lookWhyBeside = (context: Context, nodeName: string): string | undefined => {
  const { memory, clock } = context
  memory.why ??= noLooks(clock.monotonic())
  const { why } = memory
  if (isLookDue(why, clock.monotonic())) {
    why.runs = true
    void look(context, nodeName, why)
      .catch((error: unknown) =>
        context.log.debug({ error: String(error) }, 'a look at why the node is not ready failed')
      )
      .finally(() => {
        why.runs = false
        why.next = clock.monotonic() + lookEvery
      })
  }
  return firstCause(why)
}

const look = async (context: Context, nodeName: string, why: WhyLooks): Promise<void> => {
  const { looking, memory, log } = context
  const { causes, readiness } = await looking.whyNotReady(nodeName, memory.survey?.value.cluster?.skew)
  // the wait sees by itself that the Node is Ready
  if (readiness.ready || memory.why !== why) return
  why.found = causes
  if (!mustReport(why, causes)) return
  log.info({ causes: causes.map(({ code, text }) => `${code}: ${text}`) }, 'why the node is not ready')
  await report(context, causes, why)
}

const report = async ({ server }: Context, causes: Cause[], why: WhyLooks): Promise<void> => {
  try {
    // the answer is the enrolment, which the wait brings as well
    await server.reportCauses({ causes: toldCauses(causes) })
    why.reported = causes
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (error.code === 'not-found') why.untold = true
    // a server that does not know one of the causes is not asked again for the same ones
    else if (error.code === 'invalid-request') why.reported = causes
    else throw error
  }
}
