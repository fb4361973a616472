import { type EnrolRequest, type OwnEnrolment, ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { readSealKey } from '@joinery/protocol/seal'
import { budgets } from '../../base/budgets.ts'
import type { Clock, Monotonic } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { Buckets } from '../../base/rates/buckets.ts'
import type { CallRates } from '../../base/rates/call-rates.ts'
import type { Commits } from '../../commit/commits.ts'
import type { Decide, Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import { type Refusal, refusedUse } from '../../enrolment/code/refused-use.ts'
import { decideEvidence, type Sighting } from '../../enrolment/decision/evidence.ts'
import { ownView } from '../../enrolment/views.ts'
import type { CodeDocument } from '../../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { Store } from '../../ports/store/store.ts'

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

/**
 * Refusals that only count up what the timeline of a code says. Each one that is written is a commit, and keys cost a stranger nothing.
 * So some wait for the next one that is written; a crash forgets those.
 */
export class RepeatedRefusals {
  readonly #writes: Buckets
  /** Number of refusals that were not written, by code and reason. */
  readonly #waiting = new Map<string, number>()

  constructor(monotonic: Monotonic, rate = budgets.refusals) {
    this.#writes = new Buckets(rate, monotonic, budgets.rememberedKeys)
  }

  /** Number of refusals that the entry counts: this one, and those that waited. 0 if this one waits as well. */
  take(code: string, reason: string): number {
    const which = `${code} ${reason}`
    const many = (this.#waiting.get(which) ?? 0) + 1
    if (this.#writes.take(code) > 0) {
      this.#waiting.set(which, many)
      return 0
    }
    this.#waiting.delete(which)
    return many
  }
}

export interface NoteParts {
  store: Store
  commits: Pick<Commits, 'append'>
  clock: Clock
  log: Logger
  repeated: RepeatedRefusals
}

/** Writes into the timeline of the code that a machine came with it and was not let in. */
export const noteRefusal = async (
  { store, commits, clock, log, repeated }: NoteParts,
  { id }: CodeDocument,
  refusal: Refusal,
  caller: Caller
): Promise<void> => {
  const said = refusedUse(await store.timeline(id), refusal, caller, clock.now())
  if (said === undefined) return
  const { count } = said
  const many = count === undefined ? 1 : repeated.take(id, refusal.reason)
  if (many === 0) return
  const entry = count === undefined ? said : { ...said, count: count + many - 1 }
  await commits.append({ entries: [{ subject: id, entry }] })
  if (entry.alert) log.warn({ code: id, event: entry.event }, entry.detail)
}
