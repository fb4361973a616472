import { formatLabels, formatTaint } from '@joinery/protocol'
import type { SeenEnrolment } from '../../operator-client.ts'

type Given = Pick<SeenEnrolment, 'labels' | 'taints'>

/** Rows with one line for each label and taint, as in kubectl describe. */
export const labelAndTaintRows = ({ labels = {}, taints = [] }: Given): string[][] => [
  ...titled('Labels:', formatLabels(labels)),
  ...titled('Taints:', taints.map(formatTaint))
]

/** Labels and taints in a sentence. Empty if there are none. */
export const labelAndTaintWords = ({ labels = {}, taints = [] }: Given): string =>
  [
    ...formatLabels(labels).map((label) => `label ${label}`),
    ...taints.map((taint) => `taint ${formatTaint(taint)}`)
  ].join(', ')

const titled = (title: string, texts: readonly string[]): string[][] =>
  texts.map((text, number) => [number === 0 ? title : '', text])
