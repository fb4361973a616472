import { type EnrolRequest, type OwnEnrolment, ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { readSealKey } from '@joinery/protocol/seal'
import type { CallRates } from '../../base/rates/call-rates.ts'
import type { Decide, Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import { decideEvidence, type Sighting } from '../../enrolment/decision/evidence.ts'
import { ownView } from '../../enrolment/views.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/** The caller of a request: the key of its client certificate, and the address that the server sees. */
export interface Caller {
  key: string
  address: string
  /** Version of its agent, as it says itself. Absent if it says none. */
  version?: string
}

export interface SeeParts {
  enrolments: Enrolments
  machines: UniqueMachines
  rates: CallRates
}

/**
 * The caller's enrolment with what is seen of the machine now. A new address is evidence as an observation is, and written as
 * often: throws `too-many-requests`.
 */
export const see = async (
  { enrolments, machines, rates }: SeeParts,
  { key, address, version }: Caller,
  more: Pick<Sighting, 'observation'> = {}
): Promise<EnrolmentDocument> => {
  const decide = await judgeSighting(machines, { address, ...given({ version }), ...more })
  return enrolments.changeOwn(key, (current, now) => {
    const decision = decide(current, now)
    if (decision !== undefined && more.observation === undefined) rates.require('observations', key)
    return decision
  })
}

/** Makes the decider for an enrolment whose machine is seen so. */
export const judgeSighting = async (machines: UniqueMachines, seen: Sighting): Promise<Decide> => {
  await machines.load()
  const sighting: Sighting = { ...seen, borrowed: (...given) => machines.borrowed(...given) }
  return (current, now) => decideEvidence(current, sighting, now)
}

/** The enrolment as its own machine reads it. */
export const readOwnView = async (machines: UniqueMachines, enrolment: EnrolmentDocument): Promise<OwnEnrolment> =>
  ownView(await machines.withCheck(enrolment))

/**
 * Throws `invalid-request` if the machine did not sign the seal key itself. Only the machine that is approved must be able to
 * open what is sealed.
 */
export const requireOwnSealKey = async ({ sealKey }: Pick<EnrolRequest, 'sealKey'>, { key }: Caller): Promise<void> => {
  if (sealKey === undefined) return
  await readSealKey(sealKey, key).catch(() => {
    throw new ProblemError('invalid-request', { detail: 'the seal key is not signed with the key of the machine' })
  })
}
