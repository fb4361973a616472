import { ProblemError } from '@joinery/protocol'
import type { DecisionSpec, DecisionStatus } from '@joinery/protocol/door'
import type { Bounds } from '../../../core/credentials/bounds.ts'
import type { Asker } from '../../../core/enrolment/decision/decision.ts'
import type { SeenDecision } from '../../../core/ports/objects/decisions.ts'
import type { Decided, Store } from '../../../core/ports/store/store.ts'
import type { OperatorService } from '../../../core/services/operator-service.ts'
import { isRefusal, plain, resultOf, writeRefusal } from '../asked/refusal.ts'
import { observed, resultConditions } from '../conditions.ts'
import { judgeDecision } from './judge-decision.ts'

export interface CarryOutParts {
  store: Pick<Store, 'enrolment' | 'decided' | 'commit'>
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
  const { store, operators } = parts
  const { uid } = decision
  const found = await store.enrolment(idIn(decision.spec))
  const judged = judgeDecision(decision, found, now)
  if ('refused' in judged) return writeRefusal(store, uid, judged.refused, now)
  const unproven = await unprovenRelease(parts.bounds, judged.spec)
  if (unproven !== undefined) return writeRefusal(store, uid, unproven, now)
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
    const done = await resultOf(store, uid)
    if (done !== undefined) return done
    if (!isRefusal(error)) throw error
    if (error.code === 'name-in-use' && (await isMakingRoom(store, judged.spec.enrolment, uid))) return undefined
    return writeRefusal(store, uid, error, now)
  }
  return resultOf(store, uid)
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
  (await store.enrolment(id))?.makingRoom?.decision === uid

/** The id in a spec that nobody has checked yet. */
const idIn = (spec: unknown): string => {
  const id = typeof spec === 'object' && spec !== null && 'enrolment' in spec ? spec.enrolment : undefined
  return typeof id === 'string' ? id : ''
}
