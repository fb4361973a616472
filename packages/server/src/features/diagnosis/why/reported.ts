import { type Cause, type CausesRequest, causeTable, machineCodes, mayHaveNode, ProblemError } from '@joinery/protocol'
import type { Decision } from '../../../core/enrolment/decision/decision.ts'
import type { EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'
import type { Reading, Reported } from './reading.ts'
import { isHeard } from './silence.ts'
import { inWords, line, onMachine } from './told.ts'

/** Lines of evidence that are kept of one cause, and characters of each. */
const linesKept = 2
const lineKept = 256

/**
 * Throws `invalid-request` if a report names a cause that a machine cannot know, or says that the cluster has seen it. No word of a
 * machine outranks what only the cluster knows.
 */
export const requireOwnWords = ({ causes }: CausesRequest): void => {
  const foreign = causes.find(({ code, from }) => from !== 'machine' || !machineCodes.includes(code))
  if (foreign === undefined) return
  throw new ProblemError('invalid-request', {
    detail: `a machine reports only what it sees itself: not ${foreign.code} from the ${foreign.from}`
  })
}

/**
 * Keeps what a machine says about its Node that is not Ready. A later report replaces it. Undefined if the enrolment can have no Node
 * now, if its Node is Ready, or if nothing is new: a report that only repeats itself costs a write a minute, which shows that the
 * machine is still there.
 */
export const decideReported = (
  enrolment: EnrolmentDocument,
  { causes }: CausesRequest,
  now: Date
): Decision | undefined => {
  const { node } = enrolment
  const { reported } = enrolment.diagnosis
  const { attempts } = enrolment.join
  if (attempts.length === 0 || !mayHaveNode(enrolment) || node?.condition === 'Ready') return undefined
  const kept = causes.map(bounded)
  const same = reported !== undefined && JSON.stringify(reported.causes) === JSON.stringify(kept)
  if (same && now.getTime() - Date.parse(reported.at) < stale) return undefined
  return {
    enrolment: {
      ...enrolment,
      diagnosis: { ...enrolment.diagnosis, reported: { at: now.toISOString(), causes: kept } }
    },
    entries: []
  }
}

/** Age in milliseconds from which on a report that says the same is written again. */
const stale = 60_000

/** The cause as it is kept. A remedy of a machine is never shown to an operator, so none is kept. */
const bounded = ({ code, text, since, evidence }: Cause): Cause => ({
  code,
  from: 'machine',
  text: line(text, lineKept),
  ...(since !== undefined && { since }),
  evidence: evidence.slice(0, linesKept).map((one) => line(one, lineKept)),
  remedy: []
})

/** A cause as the machine says it: the sentence is ours, and the machine's own words are its evidence. */
export const asClaimed = ({ code, text, since, evidence }: Cause): Cause => ({
  code,
  from: 'machine',
  text: `${causeTable[code]}, as the machine says`,
  ...(since !== undefined && { since }),
  evidence: [text, ...evidence],
  remedy: [onMachine]
})

/** Causes of which a kubelet that renews its Lease is the contrary. */
const needsSilence: readonly Cause['code'][] = [
  'certificate-over',
  'kubelet-off',
  'name-not-resolved',
  'api-unreachable'
]

/**
 * Says what the cluster shows against the word of the machine, in a sentence. Undefined if there is nothing: then it is a cause as any
 * other is.
 */
export const disproof = (
  { code }: Pick<Cause, 'code'>,
  reading: Reading,
  reported: Reported,
  now: Date
): string | undefined => {
  const { pods, name } = reading
  const says = `the machine says: ${causeTable[code]}`
  const renewed = pods?.renewed
  if (
    needsSilence.includes(code) &&
    renewed !== undefined &&
    isHeard(reading, now) &&
    renewed > new Date(reported.at)
  ) {
    return `${says}; but its kubelet renewed the Lease of ${name} ${inWords(now.getTime() - renewed.getTime())} ago`
  }
  return undefined
}
