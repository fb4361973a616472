import { isDeepStrictEqual } from 'node:util'
import {
  type Facts,
  hasClaimed,
  hasEnded,
  identityFacts,
  next,
  type Observation,
  type TimelineEntry
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { approvedFacts } from '../facts/shown.ts'
import type { Borrowed } from '../unique/judge-unique.ts'
import { boundedPreflight } from './bounded-evidence.ts'
import { decideOtherMachine } from './conflict.ts'
import { type Decision, entry, moved } from './decision.ts'

/** One look at a machine: the address that it comes from, and its own words if there are any. */
export interface Sighting {
  address: string
  /** Version of its agent, if it says one. */
  version?: string
  /** Valid name that the machine asks for, if its code names none. */
  name?: string
  observation?: Observation
  /** Finds identities of others that the machine has with these facts, and did not have when it was approved. */
  borrowed?: (enrolment: EnrolmentDocument, facts: Facts) => Borrowed[]
}

/**
 * Decides about newer evidence. An approval covers what was shown: before the claim, a machine that became another one goes
 * back to pending. One key with two machine ids is a clone, and freezes. After the claim evidence is only recorded, beside what
 * was approved. Name, join key and seal key are no evidence any longer then: a credential was given for them. After the end
 * nothing is recorded.
 */
export const decideEvidence = (enrolment: EnrolmentDocument, seen: Sighting, now: Date): Decision | undefined => {
  if (hasEnded(enrolment)) return undefined
  const facts = seen.observation?.facts ?? enrolment.facts
  const preflight = seen.observation === undefined ? enrolment.preflight : boundedPreflight(seen.observation.preflight)
  const name = enrolment.join.attempts.length === 0 ? (seen.name ?? enrolment.name) : enrolment.name
  const settled = hasClaimed(enrolment)
  const joinKey = settled ? enrolment.join.key : (seen.observation?.joinKey ?? enrolment.join.key)
  const sealKey = settled ? enrolment.join.sealKey : newerSealKey(enrolment.join.sealKey, seen.observation?.sealKey)
  const own = { facts, address: seen.address }
  const join = { ...enrolment.join, ...given({ key: joinKey, sealKey }) }
  const updated = { ...withAgent(enrolment, seen, now), ...own, preflight, name, join }
  const reopens = next(enrolment.state, 'evidence-changed') !== undefined
  // nobody approved what the machine became in an attempt that failed
  const before = reopens ? { ...enrolment, facts: approvedFacts(enrolment) } : enrolment
  if (isDeepStrictEqual(updated, enrolment) && evidenceChanges(before, updated).length === 0) return undefined
  if (facts.machineId !== enrolment.facts.machineId) {
    const reason = `one key came with two machine ids, ${enrolment.facts.machineId} and ${facts.machineId}`
    const { key } = enrolment
    return decideOtherMachine(
      enrolment,
      { key, at: now.toISOString(), ...own, ...given({ joinKey, sealKey }) },
      reason,
      now
    )
  }
  const changes = evidenceChanges(before, updated)
  if (changes.length === 0) return { enrolment: updated, entries: [] }
  const entries = [entry(now, 'agent', 'evidence-changed', changes.join('; '))]
  if (reopens) return { enrolment: moved(updated, 'evidence-changed', now), entries }
  return settled ? withBorrowed(updated, seen, entries, now) : { enrolment: updated, entries }
}

/** Most borrowed identities of one machine that are told: it must not fill the store. */
const borrowedKept = 10

/** Alerts about a machine that was approved and then says to be another one. It holds up nobody but itself. */
const withBorrowed = (
  enrolment: EnrolmentDocument,
  { borrowed }: Sighting,
  entries: TimelineEntry[],
  now: Date
): Decision => {
  const { facts } = enrolment
  const { borrowed: told = [] } = enrolment.conflict
  const found = (borrowed?.(enrolment, facts) ?? []).filter(({ value }) => !told.includes(value))
  const fresh = found.slice(0, borrowedKept - told.length)
  if (fresh.length === 0) return { enrolment, entries }
  const finding = fresh.map((one) => one.finding).join('; ')
  return {
    enrolment: {
      ...enrolment,
      conflict: { ...enrolment.conflict, borrowed: [...told, ...fresh.map(({ value }) => value)] }
    },
    entries: [
      ...entries,
      entry(now, 'agent', 'conflict', `after its approval it says: ${finding}`.slice(0, 1024), true)
    ]
  }
}

/** The enrolment with the version of the agent that calls, if it says one: another agent may have called before. */
export const withAgent = (
  enrolment: EnrolmentDocument,
  { version }: Pick<Sighting, 'version'>,
  now: Date
): EnrolmentDocument =>
  version === undefined || version === enrolment.agent?.version
    ? enrolment
    : { ...enrolment, agent: { version, since: now.toISOString() } }

/** The seal key after a look. A signature differs each time, so the seal key is new only if another key was signed. */
const newerSealKey = (before: string | undefined, now: string | undefined): string | undefined =>
  now === undefined || signedKey(now) === signedKey(before) ? before : now

const signedKey = (signed: string | undefined): string | undefined => signed?.split('.')[1]

const evidenceChanges = (before: EnrolmentDocument, after: EnrolmentDocument): string[] => [
  ...changed('name', before.name, after.name),
  ...changed('source address', before.address, after.address),
  // a token is good for any key
  ...(before.terms.credential === 'certificate'
    ? changed('join key', before.join.key ?? '', after.join.key ?? '')
    : []),
  ...(before.role === 'control-plane' && before.join.sealKey !== after.join.sealKey ? ['seal key changed'] : []),
  ...identityFacts.flatMap((fact) => changed(fact, show(before.facts[fact]), show(after.facts[fact])))
]

const show = (value: Facts[keyof Facts]): string => (Array.isArray(value) ? value.join(' ') : String(value))

const changed = (what: string, before: string, after: string): string[] =>
  before === after ? [] : [`${what} changed from ${before || 'none'} to ${after || 'none'}`]
