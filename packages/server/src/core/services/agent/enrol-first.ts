import type { Random } from '../../base/random.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import { entry } from '../../enrolment/decision/decision.ts'
import { withUse } from '../../enrolment/facts/code-uses.ts'
import { freeName } from '../../enrolment/name/free-name.ts'
import { type Knock, newEnrolment } from '../../enrolment/verbs/enrol.ts'
import type { Cluster, ClusterNode } from '../../ports/cluster/cluster.ts'
import type { CodeDocument, EnrolmentDocument } from '../../ports/store/store.ts'
import { countsNames, requireAskedName } from './asked-name.ts'
import type { NoteParts } from './note-refusal.ts'

export interface EnrolFirstParts extends NoteParts {
  cluster: Pick<Cluster, 'nodes'>
  random: Random
  enrolments: Enrolments
  /** The Nodes of the cluster as they were seen last; undefined if they were not seen yet. */
  nodes: () => readonly ClusterNode[] | undefined
}

/** Uses the code and makes the enrolment in one commit; undefined if somebody else was faster. */
export const enrolFirst = async (
  parts: EnrolFirstParts,
  code: CodeDocument,
  knock: Knock
): Promise<EnrolmentDocument | undefined> => {
  const { random, clock, enrolments } = parts
  const { key, address, request } = knock
  const counted = countsNames(code) ? freeName(code.name, await takenNames(parts)) : undefined
  const name = counted ?? code.name ?? (await requireAskedName(parts, code, request.name, knock))
  const now = clock.now()
  const enrolment = newEnrolment({ id: random.id(), name }, code, knock, now)
  const enrolled = entry(now, 'agent', 'enrol', `key ${key} from ${address}, code ${code.id}`)
  const used = entry(now, 'agent', 'used', `by key ${key} from ${address}, enrolment ${enrolment.id}`)
  return enrolments.commit(
    { enrolment, entries: [enrolled] },
    {
      codes: [withUse(code, { key, enrolment: enrolment.id })],
      entries: [{ subject: code.id, entry: used }],
      ...(counted === undefined ? {} : { unclaimed: [counted] })
    }
  )
}

/** The names that enrolments have, and the Nodes as they were seen last. */
const takenNames = async ({ store, nodes, cluster, clock }: EnrolFirstParts): Promise<Set<string>> => {
  const seen = nodes() ?? (await cluster.nodes())
  return (await store.takenNames(clock.now())).union(new Set(seen.map(({ name }) => name)))
}
