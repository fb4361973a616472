import {
  escapeText,
  formatLabels,
  formatTaint,
  type Labels,
  labelProblem,
  ProblemError,
  repeatedTaint,
  type Taints,
  taintProblem
} from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'
import { type Decision, entry } from './decision.ts'

/** Throws `invalid-label` or `invalid-taint` where no code can give one of them. */
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

/** In words, for timelines; empty where there are none. */
export const labelsAndTaintsText = ({
  labels = {},
  taints = []
}: Pick<EnrolmentDocument, 'labels' | 'taints'>): string =>
  [
    ...(Object.keys(labels).length === 0 ? [] : [`labels ${formatLabels(labels).join(', ')}`]),
    ...(taints.length === 0 ? [] : [`taints ${taints.map(formatTaint).join(', ')}`])
  ].join('; ')

/** The Node is still to get the labels and taints of the code. Only then is it ready. */
export const lacksLabels = ({ labels, taints, labelled, node }: EnrolmentDocument): boolean =>
  (labels !== undefined || taints !== undefined) && (node === undefined || labelled !== node.uid)

/** The Node with this uid has them: written down once, and then never looked at again. */
export const decideLabelled = (enrolment: EnrolmentDocument, uid: string, now: Date): Decision | undefined =>
  enrolment.labelled === uid
    ? undefined
    : {
        enrolment: { ...enrolment, labelled: uid },
        entries: [entry(now, 'server', 'labelled', labelsAndTaintsText(enrolment))]
      }
