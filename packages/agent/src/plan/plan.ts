import {
  type Check,
  type ClusterFacts,
  hasOpenAttempt,
  isBeforeClaim,
  isFinal,
  isOnItsWay,
  type Observation,
  passes,
  preflightLasts,
  type SeenEnrolment,
  second
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Journal } from '../journal/journal.ts'
import type { ControlPlaneImages, JoinState, NodeReadiness } from '../machine/port/looking.ts'
import { isDue } from '../machine/port/mending.ts'
import { inWords } from './failing.ts'
import { planAccepted } from './own-earlier-join.ts'
import type { EffectivePolicy } from './policy.ts'
import { newerServer, recover } from './recovery.ts'
import type { Step } from './step.ts'

/**
 * Everything that the next step depends on, observed again each time: what is on the machine, and what the server
 * said last.
 */
export interface Situation {
  bootId: string
  journal: Journal
  join: JoinState
  /** The code that the machine was given, as long as no server has taken it. */
  code?: string
  /** The Node that this agent made Ready, if a new code asks for it. */
  ownNode?: NodeReadiness
  observation?: Observation
  /** Age of `observation` in milliseconds. */
  observationAge: number
  /** True if the server has another observation than the present one. */
  unreported: boolean
  /** Age of the last try to mend, in milliseconds. */
  mendAge: number
  /** Milliseconds for which nothing could be mended, because somebody else is at work on the machine. */
  mendWaits?: number
  /** Rules for preflight, from the machine's configuration and the code. */
  policy: EffectivePolicy
  /** The pairing server was never asked for what only it can tell, or too long ago. */
  surveyDue: boolean
  /** The facts of the cluster that the pairing server told last. */
  cluster?: ClusterFacts
  /** True if the images of a control plane of that cluster are on this machine. */
  imagesHere: boolean
  /** Milliseconds until another attempt may be claimed, after a failed one. 0 if it may be claimed now. */
  nextAttemptIn: number
  /** `none`: the server knows no enrolment of this key. Undefined: it was not asked yet. */
  enrolment?: SeenEnrolment | 'none'
}

const passingLasts = 45 * second
const failingLasts = 10 * second
const mendAgain = 60 * second
const mendSoon = 5 * second
/** the installer of the agent soon comes to its end; an operator who approves must see the machine as it will be */
const enrolsUnmended = 60 * second

/** The next step. Steps are done one at a time, and then everything is observed again. Pure: there is no other resume code. */
export const plan = (situation: Situation): Step => {
  const step = planEnd(situation) ?? planJoin(situation) ?? planObservation(situation) ?? planEnrolment(situation)
  // a claim carries fresh findings, also if an agent that was started again repeats a claim
  return step.do === 'claim-and-join' && !isFresh(situation) ? { do: 'observe' } : step
}

const isFresh = ({ observation, observationAge }: Situation): boolean =>
  observation !== undefined && observationAge <= preflightLasts

/** The step if the enrolment is over: ready and acknowledged, or ended by an operator. */
const planEnd = (situation: Situation): Step | undefined => {
  const { journal, code, enrolment } = situation
  const { attempt } = journal
  if (journal.accepted) return planAccepted(situation)
  if (typeof enrolment !== 'object') return undefined
  if (!isFinal(enrolment) || code !== undefined) return undefined
  if (attempt !== undefined && attempt.failure === undefined) return { do: 'close' }
  // neither a member of etcd nor the keys of the cluster stay behind
  const left = attempt?.controlPlane === undefined ? undefined : planJoin(situation)
  return left ?? { do: 'give-up', reason: enrolment.message }
}

/** The step for a join that this agent began. It comes before everything else. */
const planJoin = ({ journal: { attempt }, join, bootId, enrolment }: Situation): Step | undefined => {
  if (attempt === undefined) return undefined
  return recover({ attempt, sameBoot: attempt.bootId === bootId, join, ...(enrolment && { enrolment }) })
}

const planObservation = (situation: Situation): Step | undefined => {
  const { observation, observationAge, policy, enrolment } = situation
  if (observation === undefined) return { do: 'observe' }
  // the agent hears which role the machine gets when it has enrolled
  if (isControlPlane(enrolment) && observation.sealKey === undefined) return { do: 'observe' }
  const failing = observation.preflight.filter((check) => check.verdict === 'fail')
  const level = policy.remediate
  if (level !== undefined) {
    const due = observation.preflight.filter((check) => isDue(check, level) && isWanted(check, situation))
    if (due.length > 0 && isTimeToMend(situation)) return { do: 'mend', checks: due, level }
  }
  const lasts = failing.length === 0 ? passingLasts : failingLasts
  return observationAge > lasts ? { do: 'observe' } : undefined
}

/**
 * True if the check is to be mended now. An earlier join goes when a server has taken the new code, not before. So a
 * node that is ill and got a wrong code stays a node.
 */
const isWanted = ({ name }: Check, { code, enrolment }: Situation): boolean =>
  name !== 'earlier-join' || (code === undefined && typeof enrolment === 'object' && isBeforeClaim(enrolment))

const isTimeToMend = ({ mendAge, mendWaits, code }: Situation): boolean => {
  if (mendWaits === undefined) return mendAge > mendAgain
  return mendAge > mendSoon || (code !== undefined && mendWaits < enrolsUnmended)
}

const planEnrolment = (situation: Situation): Step => {
  const { code, enrolment, unreported, surveyDue } = situation
  const observation = situation.observation as Observation
  if (code !== undefined) return { do: 'enrol', code, observation }
  if (enrolment === undefined) return { do: 'ask' }
  if (enrolment === 'none') return { do: 'need-code' }
  // no claim goes out before a survey
  if (surveyDue && isOnItsWay(enrolment)) return { do: 'survey', state: enrolment.state, role: enrolment.role }
  if (unreported && isBeforeClaim(enrolment)) return { do: 'report-observation', observation }
  return planState(enrolment, observation, situation)
}

const planState = (enrolment: SeenEnrolment, { preflight }: Observation, situation: Situation): Step => {
  switch (enrolment.state) {
    case 'approved':
    // the answer to a claim was lost, or the journal was: the same attempt is given again
    case 'joining':
      if (!passes(preflight)) return { do: 'wait', seconds: 10, reason: enrolment.message }
      if (enrolment.state === 'approved' && situation.nextAttemptIn > 0) return waitForAttempt(situation)
      return planControlPlane(enrolment, situation) ?? { do: 'claim-and-join' }
    case 'failed':
    case 'expired':
    case 'pending':
    case 'frozen':
      return { do: 'wait', seconds: passes(preflight) ? 50 : 10, reason: enrolment.message }
    case 'joined':
    case 'ready':
    case 'recovering':
    case 'rejected':
    case 'removed':
      return { do: 'wait', seconds: longestPoll, reason: enrolment.message }
    case 'unknown':
      return { do: 'wait', seconds: longestPoll, reason: newerServer(enrolment.message) }
  }
}

export const isControlPlane = (enrolment: Situation['enrolment']): enrolment is SeenEnrolment =>
  typeof enrolment === 'object' && enrolment.role === 'control-plane'

/** The step of a control plane before it claims. An attempt takes minutes, and holds up every other control plane. */
const planControlPlane = (enrolment: SeenEnrolment, { cluster, imagesHere }: Situation): Step | undefined => {
  if (!isControlPlane(enrolment)) return undefined
  if (cluster === undefined) {
    return { do: 'wait', seconds: 10, reason: 'waiting to hear of the cluster from the pairing server' }
  }
  if (!imagesHere) return { do: 'pull-images', images: imagesOf(cluster) }
  if (hasOpenAttempt(enrolment) || enrolment.granted) return undefined
  return { do: 'wait', seconds: longestPoll, reason: waitsForGrant(enrolment.name) }
}

/** The control-plane images that this cluster needs. */
export const imagesOf = ({ version, imageRepository, etcd }: ClusterFacts): ControlPlaneImages => ({
  version,
  ...given({ imageRepository, etcd })
})

export const waitsForGrant = (name: string): string =>
  `waiting for root on a control-plane host to run: joinery grant ${name}`

const longestPoll = 50

const waitForAttempt = ({ nextAttemptIn, journal: { failures = [] } }: Situation): Step => {
  const last = failures.at(-1)
  const because = last === undefined ? '' : `attempt ${last.attempt} failed: ${last.failure.cause}; `
  return {
    do: 'wait',
    seconds: Math.min(longestPoll, Math.ceil(nextAttemptIn / second)),
    reason: `${because}next try in ${inWords(nextAttemptIn)}`
  }
}
