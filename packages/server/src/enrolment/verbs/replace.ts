import { type ApproveRequest, carriedOver, isSameTaint, ProblemError } from '@joinery/protocol'
import type { ClusterNode } from '../../cluster/cluster.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { labelsAndTaintsText } from '../decision/labels-and-taints.ts'
import { requireShown } from './approve.ts'

/** More than a code can ask for is more than was meant: a kubelet labels its own Node as it likes. */
const most = { labels: 50, taints: 20 }

/**
 * The enrolment gets labels and taints of the Node whose place it takes, under those of its code; nothing where it has them.
 * Throws `revision-changed`, and `invalid-label` where they are too many.
 */
export const decideReplace = (
  enrolment: EnrolmentDocument,
  shown: ApproveRequest,
  node: ClusterNode,
  now: Date
): Decision | undefined => {
  requireShown(enrolment, shown)
  if (enrolment.replaced === node.uid) return undefined
  const carried = carriedOver(node)
  const { labels: own = {}, taints: ownTaints = [] } = enrolment
  const labels = { ...carried.labels, ...own }
  const others = carried.taints.filter((taint) => !ownTaints.some((one) => isSameTaint(one, taint)))
  const taints = [...others, ...ownTaints]
  if (Object.keys(labels).length > most.labels || taints.length > most.taints) {
    throw new ProblemError('invalid-label', {
      detail: `the Node ${node.name} has more labels or taints than ${most.labels} and ${most.taints}`,
      remedy: `take away what is not to go over: kubectl label node ${node.name} KEY-`
    })
  }
  const text = labelsAndTaintsText(carried)
  return {
    enrolment: {
      ...enrolment,
      replaced: node.uid,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(taints.length > 0 && { taints })
    },
    entries: [entry(now, 'operator', 'replace', `Node ${node.name}, uid ${node.uid}${text && `; ${text}`}`)]
  }
}

/** The Node that was shown, or nothing: throws `revision-changed`. */
export const requireSameNode = ({ name, uid }: ClusterNode, shown: string): void => {
  if (uid === shown) return
  throw new ProblemError('revision-changed', {
    detail: `the Node ${name} is another one by now`,
    remedy: `look again: joinery approve ${name} --replace`
  })
}
