import { isDeepStrictEqual } from 'node:util'
import { budgets } from '../base/budgets.ts'
import type { Monotonic } from '../base/clock.ts'
import { Buckets } from '../base/rates/buckets.ts'
import type { Decision } from '../enrolment/decision/decision.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'

/**
 * Bounds what a kubelet costs by what it says of its Node's condition: each change is a commit. A change beyond the budget is
 * left, and a later look finds it again: only what was between is lost. All other decisions go through.
 */
export class NodeConditions {
  readonly #changes: Buckets

  constructor(monotonic: Monotonic) {
    this.#changes = new Buckets(budgets.nodeConditions, monotonic, budgets.rememberedKeys)
  }

  /** The decision, or undefined if it must wait. */
  withinBudget(before: EnrolmentDocument, decision: Decision | undefined): Decision | undefined {
    if (decision === undefined || !isConditionOnly(before, decision.enrolment)) return decision
    return this.#changes.take(before.id) > 0 ? undefined : decision
  }
}

/** True if only the condition of the very same Node differs, and the Node is there. */
const isConditionOnly = (before: EnrolmentDocument, after: EnrolmentDocument): boolean => {
  if (before.node === undefined || after.node === undefined || after.node.condition === 'Gone') return false
  const { uid, registered } = after.node
  // a cause, and what the machine said, go when the Node is Ready
  const told = ({ node, diagnosis, ...others }: EnrolmentDocument) => ({ ...others, told: diagnosis.told })
  return (
    before.node.uid === uid && before.node.registered === registered && isDeepStrictEqual(told(before), told(after))
  )
}
