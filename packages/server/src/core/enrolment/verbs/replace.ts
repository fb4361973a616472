import { type ApproveRequest, carriedOver, isSameTaint, ProblemError, taintsAtMost } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { wantedTaints } from '../decision/gates.ts'
import { labelsAndTaintsText } from '../decision/labels-and-taints.ts'
import { requireShown } from '../facts/shown.ts'

/**
 * Most labels and taints that an enrolment may have with those of the Node: as many as a code can ask for. A kubelet labels its
 * own Node as it likes, and more cannot be meant.
 */
const most = { labels: 50, taints: taintsAtMost }

/**
 * Gives the enrolment the labels and taints of the Node that it replaces, under those of its code. Undefined if it has them
 * already. Throws `revision-changed`, and `invalid-label` if there are too many.
 */
export const decideReplace = (
  enrolment: EnrolmentDocument,
  shown: ApproveRequest,
  node: ClusterNode,
  now: Date
): Decision | undefined => {
  requireShown(enrolment, shown)
  if (enrolment.approval.replaced === node.uid) return undefined
  const carried = carriedOver(node)
  const { labels: own = {}, taints: ownTaints = [] } = enrolment.terms
  const labels = { ...carried.labels, ...own }
  const others = carried.taints.filter((taint) => !ownTaints.some((one) => isSameTaint(one, taint)))
  const taints = [...others, ...ownTaints]
  const wanted = wantedTaints({ ...enrolment.terms, taints })
  if (Object.keys(labels).length > most.labels || wanted.length > most.taints) {
    throw new ProblemError('invalid-label', {
      detail: `the Node ${node.name} has more labels or taints than ${most.labels} and ${most.taints}`,
      remedy: `take away the labels that the new Node must not get: kubectl label node ${node.name} KEY-`
    })
  }
  const text = labelsAndTaintsText(carried)
  return {
    enrolment: {
      ...enrolment,
      approval: { ...enrolment.approval, replaced: node.uid },
      terms: {
        ...enrolment.terms,
        ...(Object.keys(labels).length > 0 && { labels }),
        ...(taints.length > 0 && { taints })
      }
    },
    entries: [entry(now, 'operator', 'replace', `Node ${node.name}, uid ${node.uid}${text && `; ${text}`}`)]
  }
}

/** Throws `revision-changed` if the Node is not the one that was shown. */
export const requireSameNode = ({ name, uid }: ClusterNode, shown: string): void => {
  if (uid === shown) return
  throw new ProblemError('revision-changed', {
    detail: `another Node has the name ${name} by now`,
    remedy: `look again: joinery approve ${name} --replace`
  })
}
