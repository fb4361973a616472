import { isDeepStrictEqual } from 'node:util'
import type { Observation, SeenEnrolment } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { CodeSource } from '../code/code-source.ts'
import type { JournalFile } from '../journal/journal.ts'
import type { ControlPlaneImages, Looking } from '../machine/port/looking.ts'
import type { Clock } from '../program/clock.ts'
import type { AgentConfig } from '../program/config.ts'
import { asksForNode } from './own-earlier-join.ts'
import { imagesOf, type Situation } from './plan.ts'
import { effectivePolicy } from './policy.ts'
import { type Survey, surveyLasts } from './survey.ts'
import type { WhyLooks } from './why-looks.ts'

/** Knowledge that the agent has only while it runs. Losing it costs a question to the server, never a join. */
export interface Memory {
  observation?: { value: Observation; at: number }
  /** The observation that the server has. */
  reported?: Observation
  mendedAt?: number
  /** Time since which nothing is mended, because somebody else is at work on the machine. */
  mendWaitsSince?: number
  survey?: { value: Survey; at: number }
  /** Time before which no other attempt is claimed, by the monotonic clock. */
  nextAttemptAt?: number
  enrolment?: SeenEnrolment | 'none'
  /** The enrolment that was known last. It still holds while the server is asked again. */
  known?: Pick<SeenEnrolment, 'policy' | 'role' | 'name'>
  /** The images that are on this machine. */
  images?: ControlPlaneImages
  /** The looks at why the Node is not Ready. Absent unless the agent waits for it. */
  why?: WhyLooks
  /** Number of stage lines of the running join that the server has. */
  stagesReported: number
}

interface Parts {
  looking: Pick<Looking, 'joinState' | 'nodeReadiness'>
  journal: JournalFile
  clock: Clock
  codes: CodeSource
  config: AgentConfig
  bootId: string
}

/** The situation as it is now. Facts and preflight take a second, so they come from memory; the plan knows their age. */
export const observe = async (parts: Parts, memory: Memory): Promise<Situation> => {
  const { looking, journal, clock, codes, config, bootId } = parts
  const [written, join, code] = await Promise.all([journal.read(), looking.joinState(), codes.read()])
  const accepted = { journal: written, join, ...given({ code }) }
  const nodeName = asksForNode(accepted) ? written.joined?.nodeName : undefined
  const ownNode = nodeName === undefined ? undefined : await looking.nodeReadiness(nodeName)
  if (typeof memory.enrolment === 'object') memory.known = memory.enrolment
  const now = clock.monotonic()
  const cluster = memory.survey?.value.cluster
  const age = (at: number | undefined) => (at === undefined ? Number.POSITIVE_INFINITY : now - at)
  return {
    bootId,
    ...accepted,
    ...given({ ownNode, observation: memory.observation?.value }),
    observationAge: age(memory.observation?.at),
    unreported: !isDeepStrictEqual(memory.observation?.value, memory.reported),
    mendAge: age(memory.mendedAt),
    ...(memory.mendWaitsSince === undefined ? {} : { mendWaits: now - memory.mendWaitsSince }),
    surveyDue: memory.survey === undefined || age(memory.survey.at) > surveyLasts(memory.survey.value),
    ...given({ cluster }),
    imagesHere: cluster !== undefined && isDeepStrictEqual(memory.images, imagesOf(cluster)),
    // an earlier enrolment does not know what a code says that no server has taken yet
    policy: effectivePolicy(config, code === undefined ? memory.known : undefined),
    nextAttemptIn: Math.max(0, (memory.nextAttemptAt ?? now) - now),
    ...given({ enrolment: memory.enrolment })
  }
}
