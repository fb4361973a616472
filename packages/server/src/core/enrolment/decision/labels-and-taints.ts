import {
  escapeText,
  formatLabels,
  formatTaint,
  isSameTaint,
  joiningLabel,
  type Labels,
  labelProblem,
  ProblemError,
  repeatedTaint,
  type Taints,
  taintProblem
} from '@joinery/protocol'
import type { LabelsAndTaints } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument, TermsDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from './decision.ts'

/** Throws `invalid-label` or `invalid-taint` if no code can give one of them. */
export const requireLabelsAndTaints = (labels: Labels, taints: Taints): void => {
  for (const [key, value] of Object.entries(labels)) {
    const detail = labelProblem(key, value)
    if (detail !== undefined) throw new ProblemError('invalid-label', { detail: quoted(`${key}=${value}`, detail) })
  }
  for (const taint of taints) {
    const detail = taintProblem(taint)
    if (detail !== undefined) throw new ProblemError('invalid-taint', { detail: quoted(formatTaint(taint), detail) })
  }
  const twice = repeatedTaint(taints)
  if (twice !== undefined) {
    const { key, effect } = twice
    throw new ProblemError('invalid-taint', {
      detail: `a Node has one taint ${key} with the effect ${effect}, not two`
    })
  }
}

const quoted = (text: string, problem: string): string => `"${escapeText(text).slice(0, 400)}": ${problem}`

/** Labels and taints in words, for timelines. Empty if there are none. */
export const labelsAndTaintsText = ({ labels = {}, taints = [] }: Pick<TermsDocument, 'labels' | 'taints'>): string =>
  [
    ...(Object.keys(labels).length === 0 ? [] : [`labels ${formatLabels(labels).join(', ')}`]),
    ...(taints.length === 0 ? [] : [`taints ${taints.map(formatTaint).join(', ')}`])
  ].join('; ')

/** True if the Node has not got the labels and taints of the code yet, the startup taint of its gates among them. Only with them is it ready. */
export const lacksLabels = ({
  terms: { labels, taints, readyWhen },
  join: { labelled },
  node
}: EnrolmentDocument): boolean =>
  (labels !== undefined || taints !== undefined || readyWhen !== undefined) &&
  (node === undefined || labelled !== node.uid)

/**
 * Notes that the Node with this uid has its labels and taints, but for those that are `refused`. That is written once, and
 * never looked at again. A refused one alerts: an administrator sets it.
 */
export const decideLabelled = (
  enrolment: EnrolmentDocument,
  uid: string,
  refused: LabelsAndTaints,
  now: Date
): Decision | undefined => {
  if (enrolment.join.labelled === uid) return undefined
  const { labels = {}, taints = [] } = enrolment.terms
  const set = labelsAndTaintsText({
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !(key in refused.labels))),
    taints: taints.filter((taint) => !refused.taints.some((one) => isSameTaint(one, taint)))
  })
  const left = labelsAndTaintsText(refused)
  const entries = [
    ...(set === '' ? [] : [entry(now, 'server', 'labelled', set)]),
    ...(left === '' ? [] : [entry(now, 'server', 'labels-refused', `${left}: ${whyRefused}`, true)])
  ]
  return { enrolment: { ...enrolment, join: { ...enrolment.join, labelled: uid } }, entries }
}

const whyRefused = `its kubelet registered it without the label ${joiningLabel}, so the server may not change its labels and taints, evict its Pods, or set a label that guards it; set them with kubectl label and kubectl taint`
