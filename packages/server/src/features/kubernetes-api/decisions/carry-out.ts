import { ProblemError } from '@joinery/protocol'
import { DecisionSpec, type DecisionStatus } from '@joinery/protocol/door'
import { Value } from 'typebox/value'
import type { Commits } from '../../../core/commit/commits.ts'
import type { Bounds } from '../../../core/credentials/bounds.ts'
import type { Asker } from '../../../core/enrolment/decision/decision.ts'
import type { SeenDecision } from '../../../core/ports/objects/decisions.ts'
import { inTurns, makerOf } from '../../../core/ports/objects/in-turns.ts'
import type { Decided } from '../../../core/ports/store/change.ts'
import type { ObjectsAsked } from '../../../core/ports/store/objects-asked.ts'
import type { Store } from '../../../core/ports/store/store.ts'
import type { OperatorService } from '../../../core/services/operator-service.ts'
import { isRefusal, plain, resultOf, writeRefusal } from '../asked/refusal.ts'
import { observed, resultConditions } from '../conditions.ts'
import { isEnding, judgeDecision, longestLife } from './judge-decision.ts'

export interface CarryOutParts {
  store: Pick<Store, 'enrolment'>
  asked: Pick<ObjectsAsked, 'decided'>
  commits: Pick<Commits, 'append'>
  operators: Pick<OperatorService, 'approve' | 'reject' | 'release' | 'retry' | 'remove'>
  bounds: Pick<Bounds, 'require'>
}

/**
 * Judges a Decision and carries it out. Returns its result, which is durable, with what it did or alone. Undefined if it stays open
 * until Pods of the Node that made room are gone. Throws if store or cluster cannot be used: the Decision stays open then, too.
 */
export const carryOut = async (
  parts: CarryOutParts,
  decision: SeenDecision,
  now: Date
): Promise<Decided | undefined> => {
  const { store, asked, operators } = parts
  const { uid } = decision
  const found = await store.enrolment(idIn(decision.spec))
  const judged = judgeDecision(decision, found, now)
  if ('refused' in judged) return writeRefusal(parts, uid, judged.refused, now)
  const unproven = await unprovenRelease(parts.bounds, judged.spec)
  if (unproven !== undefined) return writeRefusal(parts, uid, unproven, now)
  const asker: Asker = {
    by: judged.spec.by,
    decision: {
      uid,
      require: (enrolment) => {
        const again = judgeDecision(decision, enrolment, now)
        if ('refused' in again) throw again.refused
      },
      applied: ({ name, state }) => ({
        uid,
        result: 'applied',
        message: plain(`${name} is ${state}`),
        state,
        at: now.toISOString()
      })
    }
  }
  try {
    await verbOf(operators, judged.spec, judged.revision, asker)
  } catch (error) {
    // the commit may have been made before something else went wrong
    const done = await resultOf(asked, uid)
    if (done !== undefined) return done
    if (!isRefusal(error)) throw error
    if (error.code === 'name-in-use' && (await isMakingRoom(store, judged.spec.enrolment, uid))) return undefined
    return writeRefusal(parts, uid, error, now)
  }
  return resultOf(asked, uid)
}

/**
 * Problem that keeps a release of a control plane from being carried out. It chooses the key of a control plane, and an earlier
 * `joinery-decisions` let those do it who approve workers. So the policy must be the one of this version.
 */
const unprovenRelease = async (
  bounds: CarryOutParts['bounds'],
  { verdict, role }: DecisionSpec
): Promise<ProblemError | undefined> => {
  if (verdict !== 'release' || role !== 'control-plane') return undefined
  try {
    await bounds.require('joinery-decisions')
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'cluster-unsafe') return error
    throw error
  }
  return undefined
}

/** Status of a Decision by its result, for this generation of the object. */
export const statusBy = ({ uid: _, ...status }: Decided, generation: number): DecisionStatus =>
  observed({ ...status, conditions: resultConditions('Applied', status) }, generation)

const verbOf = (
  operators: CarryOutParts['operators'],
  { enrolment: id, verdict, key, node, reason = '' }: DecisionSpec,
  revision: number,
  asker: Asker
): Promise<unknown> => {
  switch (verdict) {
    case 'approve':
      return operators.approve(id, { revision, key }, asker)
    case 'replace':
      return operators.approve(id, { revision, key, replace: { uid: node ?? '' } }, asker)
    case 'retry':
      return operators.retry(id, { revision, key }, asker)
    case 'release':
      return operators.release(id, key, asker)
    case 'reject':
      return operators.reject(id, reason, asker)
    case 'remove':
      return operators.remove(id, asker)
  }
}

const isMakingRoom = async (store: CarryOutParts['store'], id: string, uid: string): Promise<boolean> =>
  (await store.enrolment(id))?.approval.makingRoom?.decision === uid

/** The id in a spec that nobody has checked yet. */
const idIn = (spec: unknown): string => {
  const id = typeof spec === 'object' && spec !== null && 'enrolment' in spec ? spec.enrolment : undefined
  return typeof id === 'string' ? id : ''
}

/**
 * Decisions that are judged at this look, by the enrolment that they name, each in the order in which they are judged. Users take
 * turns, each with what takes away and what is newest first, so that nobody's wait behind thousands of another's. Of one enrolment,
 * what takes away goes first: after an approval that was seen together with a rejection, the rejection would not fit any more. So an
 * approval takes with it the newest of each user that takes away. Otherwise the older one goes first.
 */
export const byEnrolment = (open: readonly SeenDecision[], most: number): SeenDecision[][] => {
  const newestFirst = open
    .map((decision) => ({ decision, ...readOf(decision) }))
    .sort((a, b) => a.rank - b.rank || b.made - a.made || (a.decision.uid < b.decision.uid ? 1 : -1))
  const turns = inTurns(newestFirst, ({ decision }) => makerOf(decision))
  const endings = Map.groupBy(newestEndings(turns), ({ enrolment }) => enrolment)
  const chosen = new Set<(typeof turns)[number]>()
  for (const one of turns.slice(0, most)) {
    const before = one.rank === 0 ? [] : (endings.get(one.enrolment) ?? [])
    // an approval that so many want to prevent waits for the next look
    if (chosen.size + before.length < 2 * most) for (const each of [...before, one]) chosen.add(each)
  }
  const inOrder = [...chosen].sort(
    (a, b) => a.rank - b.rank || a.made - b.made || (a.decision.uid < b.decision.uid ? -1 : 1)
  )
  const groups = Map.groupBy(inOrder, ({ enrolment }) => enrolment)
  return [...groups.values()].map((some) => some.map(({ decision }) => decision))
}

/** The newest Decision of each user about each enrolment that takes away. `turns` has them in turns. */
const newestEndings = <T extends Ranked & { decision: SeenDecision }>(turns: readonly T[]): T[] => {
  const seen = new Set<string>()
  return turns.filter(({ rank, enrolment, decision }) => {
    const key = `${enrolment} ${makerOf(decision)}`
    return rank === 0 && !seen.has(key) && seen.add(key)
  })
}

interface Ranked {
  rank: number
  enrolment: string
  /** Time at which it was made, in milliseconds. */
  made: number
}

const readOf = ({ spec, created }: SeenDecision): Ranked => ({ ...aboutOf(spec), made: created.getTime() })

const aboutOf = (spec: unknown): Pick<Ranked, 'rank' | 'enrolment'> =>
  Value.Check(DecisionSpec, spec)
    ? { rank: isEnding(spec.verdict) ? 0 : 1, enrolment: spec.enrolment }
    : { rank: 2, enrolment: '' }

/**
 * Decisions that are deleted: those that are too old to do anything, and of the settled ones all but `kept`. Users take turns with
 * their newest, so that nobody floods away what others still read. An open one that may still do something stays.
 */
export const overDecisions = (listed: readonly SeenDecision[], kept: number, now: Date): SeenDecision[] => {
  const isOld = ({ created }: SeenDecision) => now.getTime() - created.getTime() > longestLife
  const settled = listed.filter((one) => one.isSettled && !isOld(one))
  settled.sort((a, b) => b.created.getTime() - a.created.getTime())
  return [...listed.filter(isOld), ...inTurns(settled, makerOf).slice(kept)]
}
