import type { InjectionToken } from 'tsyringe'
import { type ApproveParts, approve } from './operator/approve.ts'
import type { SettleParts } from './operator/change-and-settle.ts'
import { type GrantParts, grant } from './operator/grant.ts'
import { type HolderParts, holder } from './operator/holder.ts'
import { list } from './operator/list.ts'
import { reject } from './operator/reject.ts'
import { release } from './operator/release.ts'
import { type RemoveParts, remove } from './operator/remove.ts'
import { type RetryParts, retry } from './operator/retry.ts'
import { type ShowParts, show } from './operator/show.ts'
import { type TriedParts, trying } from './trying.ts'

type VerbParts = ApproveParts & RetryParts & SettleParts & RemoveParts
type Parts = ShowParts & VerbParts & GrantParts & HolderParts & TriedParts

/**
 * The verbs that an operator has for enrolments: a file for each verb. `reference`: an enrolment's id or its node name. `asker`:
 * the operator, if known, or the Decision of the cluster.
 */
export const operatorService = (parts: Parts) => ({
  list: list(parts),
  show: show(parts),
  ...verbsWith(parts),
  grant: grant(parts),
  holder: holder(parts),
  /** The same verbs, which check the whole decision, answer as they would, and change nothing. */
  tried: verbsWith(trying(parts))
})

/** The verbs by which a state changes. */
const verbsWith = (parts: VerbParts) => ({
  approve: approve(parts),
  retry: retry(parts),
  reject: reject(parts),
  release: release(parts),
  remove: remove(parts)
})
export type OperatorService = ReturnType<typeof operatorService>
export const OperatorService = Symbol('OperatorService') as InjectionToken<OperatorService>
