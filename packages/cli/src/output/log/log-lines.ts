import type { TimelineEntry } from '@joinery/protocol'
import type { SeenEnrolmentDetail } from '../../operator-client.ts'
import { authorOf, textOf } from '../enrolment/timeline-section.ts'

/** A line of the log of a machine. */
export interface LogLine {
  /** ISO time, by the server's clock. */
  at: string
  /** The program or the person whose words they are. */
  from: string
  text: string
  /** True for the words of the machine, which may be a lie. */
  claimed: boolean
}

/** The attempt whose log is wanted: the newest one, or the one before it. */
export type Which = 'newest' | 'previous'

/**
 * The log of one attempt, in the order of time: what happened, what the agent said and what kubeadm printed. The first attempt
 * begins with the enrolment. Undefined if there was no such attempt.
 */
export const logLines = (enrolment: SeenEnrolmentDetail, which: Which): LogLine[] | undefined => {
  const { attempts, timeline, agentSaid } = enrolment
  if (timeline === undefined || attempts === undefined) return which === 'previous' ? undefined : linesOfView(enrolment)
  const index = attempts.length - (which === 'previous' ? 2 : 1)
  const attempt = attempts[index]
  if (which === 'previous' && attempt === undefined) return undefined
  const from = index > 0 ? (attempt?.claimed ?? '') : ''
  const until = attempts[index + 1]?.claimed
  const said = agentSaid !== undefined && agentSaid.attempt === attempt?.number ? agentSaid.lines : []
  return [
    ...said.map(({ at, line }) => ({ at, from: 'agent', text: line, claimed: true })),
    ...timeline.filter(({ at }) => at >= from && (until === undefined || at < until)).flatMap(linesOf)
  ].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
}

/** A view has no timeline, only what holds now. */
const linesOfView = ({ since, state, message, cause }: SeenEnrolmentDetail): LogLine[] => [
  { at: since, from: 'server', text: `${state}: ${message}`, claimed: true },
  ...(cause === undefined ? [] : [{ at: since, from: 'cause', text: `${cause.code}: ${cause.text}`, claimed: true }])
]

const linesOf = (entry: TimelineEntry): LogLine[] => {
  const { at, event, actor } = entry
  const [first = '', ...others] = textOf(entry).split('\n')
  const claimed = actor === 'agent'
  const line = (from: string, text: string): LogLine => ({ at, from, text, claimed })
  const author = authorOf(entry)
  // a failure that the agent reported has the stage, the remedies, and then what kubeadm printed
  const printed = others.findIndex((text) => !/^(at|remedy): /.test(text))
  return [
    line(author, [event, first].filter(Boolean).join(': ')),
    ...others.map((text, index) => line(claimed && printed !== -1 && index >= printed ? 'kubeadm' : author, text))
  ]
}
