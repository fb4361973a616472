import type { SeenEnrolment, SeenEnrolmentDetail } from '../../contract.ts'
import { between } from './durations.ts'

type Entry = NonNullable<SeenEnrolmentDetail['timeline']>[number]

/** An entry of a timeline, with the milliseconds since the one before. */
export interface Step extends Entry {
  after?: number
}

/** The entries of a timeline, each with the time since the one before. */
export const stepsOf = (timeline: readonly Entry[]): Step[] =>
  timeline.map((entry, index) => {
    const after = between(timeline[index - 1]?.at, entry.at)
    return after === undefined ? entry : { ...entry, after }
  })

/** A part of a machine's way, with its length in milliseconds. The last part of a way that goes on has no end. */
export interface Part {
  name: 'waiting' | 'claiming' | 'joining' | 'settling'
  text: string
  length: number
  open: boolean
}

const texts: Record<Part['name'], string> = {
  waiting: 'waited for approval',
  claiming: 'approved, until it claimed',
  joining: 'kubeadm, until its Node',
  settling: 'Node, until Ready'
}

/**
 * The parts of a machine's way to Ready that its fields tell. A part whose end is not known is the last one: it goes on until `now`,
 * unless the enrolment has ended.
 */
export const partsOf = (enrolment: SeenEnrolment, now: Date, ended: boolean): Part[] => {
  const { created, approved, attempts = [], node, ready } = enrolment
  const marks: [Part['name'], string | undefined][] = [
    ['waiting', approved?.at],
    // a join that failed once goes on
    ['claiming', attempts[0]?.claimed],
    ['joining', node?.registered],
    ['settling', ready ?? node?.ready]
  ]
  const parts: Part[] = []
  let from: string | undefined = created
  for (const [name, to] of marks) {
    const length = between(from, to)
    if (length !== undefined) parts.push({ name, text: texts[name], length: Math.max(0, length), open: false })
    else if (!ended) {
      const lasted = between(from, now.toISOString()) ?? 0
      return [...parts, { name, text: texts[name], length: Math.max(0, lasted), open: true }]
    } else return parts
    from = to
  }
  return parts
}

/** Author of an entry. A Kubernetes user may have any name, also one like those of operators on the host. */
export const authorOf = ({ actor, by, decision }: Pick<Entry, 'actor' | 'by' | 'decision'>): string => {
  if (by === undefined) return actor
  return decision === undefined ? `${actor} ${by}` : `Kubernetes user ${by}`
}
