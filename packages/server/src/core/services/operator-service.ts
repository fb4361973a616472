import type { InjectionToken } from 'tsyringe'
import type { Decide, Enrolments } from '../commit/enrolments.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { type ApproveParts, approve, type GrantParts, grant, type RetryParts, retry } from './operator/approving.ts'
import { type RemoveParts, reject, release, remove, type SettleParts } from './operator/ending.ts'
import { type HolderParts, holder, list, listed, listRows, type ShowParts, show } from './operator/reading.ts'

type VerbParts = ApproveParts & RetryParts & SettleParts & RemoveParts
type Parts = ShowParts & VerbParts & GrantParts & HolderParts & TriedParts

/**
 * The verbs that an operator has for enrolments: a file for each verb. `reference`: an enrolment's id or its node name. `asker`:
 * the operator, if known, or the Decision of the cluster.
 */
export const operatorService = (parts: Parts) => {
  const pageOf = list(parts)
  return {
    list: pageOf,
    listRows: listRows(pageOf),
    listed: listed(parts),
    show: show(parts),
    ...verbsWith(parts),
    grant: grant(parts),
    holder: holder(parts),
    /** The same verbs, which check the whole decision, answer as they would, and change nothing. */
    tried: verbsWith(trying(parts))
  }
}

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

interface TriedParts {
  enrolments: Pick<Enrolments, 'change' | 'tryChange'>
  credentials: Pick<Credentials, 'settle' | 'settleSoon'>
}

/** The parts of a verb that is only tried: what it would commit is refused or not, and nothing else comes of it. */
const trying = <P extends TriedParts>(parts: P): P & { onlyTried: true } => {
  const { enrolments } = parts
  return {
    ...parts,
    enrolments: { ...enrolments, change: (id: string, decide: Decide) => enrolments.tryChange(id, decide) },
    credentials: { settle: async () => {}, settleSoon: async () => {} },
    onlyTried: true
  }
}
