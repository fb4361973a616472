import { createHash } from 'node:crypto'
import { calledOf, type TimelineEntry, traceWaits } from '@joinery/protocol'
import { credentialOf } from '../../../core/enrolment/facts/attempts.ts'
import { tame } from '../../../core/ports/cluster/bounded-text.ts'
import type { CodeDocument } from '../../../core/ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'

/** A span: something of a join that took time. Times are those of the timeline. */
export interface Span {
  id: string
  parent?: string
  name: string
  start: string
  end: string
  attributes: Record<string, string | number | boolean>
  /** Reason of a failure. */
  failure?: string
  events: { name: string; at: string }[]
}

/** A part of an enrolment's trace, as it is sent at once. */
export interface Part {
  /** Trace id: the enrolment's id without its dashes. */
  trace: string
  spans: Span[]
}

/** True if a part of a trace ends with the entry. */
export const endsPart = (entry: TimelineEntry): boolean => inTrace(entry)?.part !== undefined

const inTrace = ({ event }: TimelineEntry) => calledOf(event)?.trace

/** Most spans of one kind, and events, in a part: a machine may report as many stages as it likes. */
const most = 100

/** Everything that a part of a trace is made of. */
export interface Told {
  enrolment: EnrolmentDocument
  /** Code of the enrolment. Undefined if there is none any more. */
  code: CodeDocument | undefined
  timeline: readonly TimelineEntry[]
  /** Entry with which the part ends. */
  end: TimelineEntry
}

/**
 * The part of an enrolment's trace that ends with this entry. The ids follow from the enrolment and the timeline alone, so a part
 * that is sent twice is the same part. Undefined if the timeline does not have the entry any more. No attribute is a secret, an
 * address or a key.
 */
export const spansOf = ({ enrolment, code, timeline, end }: Told): Part | undefined => {
  const last = timeline.findIndex((one) => isSame(one, end))
  if (last < 0) return undefined
  const before = timeline.slice(0, last).findLastIndex(endsPart)
  const part = timeline.slice(before + 1, last + 1)
  const [first = end] = part
  const trace = traceOf(enrolment.id)
  const isFirst = before < 0
  const idOf = (name: string, start: string): string => hash(`${trace} ${name} ${start}`, 16)
  const rootStart = isFirst ? (ofOneMachine(code)?.created ?? first.at) : beginOf(first, end, timeline[before])
  const root: Span = {
    id: idOf('root', isFirst ? enrolment.created : rootStart),
    ...(!isFirst && { parent: idOf('root', enrolment.created) }),
    name: nameOf(part, end),
    start: rootStart,
    end: end.at,
    attributes: attributesOf(enrolment, end),
    ...(inTrace(end)?.part === 'failed' && { failure: tame(end.detail, 256) }),
    events: part
      .filter((entry) => !isEdge(entry))
      .slice(0, most)
      .map(({ event, at }) => ({ name: tame(event, 64), at }))
  }
  const child = (name: string, start: string, until: string, attributes: Span['attributes'] = {}): Span => ({
    id: idOf(name, start),
    parent: root.id,
    name,
    start,
    end: until,
    attributes,
    events: []
  })
  const codeSpan = root.start < first.at && isFirst ? [child('code', root.start, first.at)] : []
  return { trace, spans: [root, ...codeSpan, ...phases(part, end, child), ...attempts(part, end, child, idOf)] }
}

/** Begin of a later part: what came before it is another part's. The gates are waited for since the Node was Ready. */
const beginOf = (first: TimelineEntry, end: TimelineEntry, before: TimelineEntry | undefined): string =>
  end.event === 'in-service' ? (before?.at ?? first.at) : first.at

type Child = (name: string, start: string, end: string, attributes?: Span['attributes']) => Span

/** True if a span of a wait or of a stage begins or ends with the entry: it is no event of the root then. */
const isEdge = (entry: TimelineEntry): boolean => {
  const { begins, ends, stage } = inTrace(entry) ?? {}
  return (begins ?? ends ?? stage) !== undefined
}

/** Spans of the waits in a part. A wait that nobody ended lasts until the end of the part. */
const phases = (part: readonly TimelineEntry[], end: TimelineEntry, child: Child): Span[] =>
  traceWaits.flatMap((wait) => {
    const spans: Span[] = []
    let begun: string | undefined
    for (const entry of part) {
      const { begins, ends } = inTrace(entry) ?? {}
      if (ends === wait && begun !== undefined) {
        spans.push(child(wait, begun, entry.at))
        begun = undefined
      } else if (begins === wait) begun ??= entry.at
    }
    if (begun !== undefined) spans.push(child(wait, begun, end.at))
    return spans.slice(0, most)
  })

/** A span for each attempt of a part, and in it one for each stage that the machine reported. */
const attempts = (
  part: readonly TimelineEntry[],
  end: TimelineEntry,
  child: Child,
  idOf: (name: string, start: string) => string
): Span[] => {
  const begins = part.flatMap((entry, index) => (inTrace(entry)?.attempt === 'begins' ? [index] : []))
  return begins.slice(0, most).flatMap((from, number) => {
    const begun = part[from] as TimelineEntry
    const rest = part.slice(from + 1, begins[number + 1])
    const over = rest.find(endsAttempt) ?? end
    const attempt = { ...child('attempt', begun.at, over.at), ...failureOf(over) }
    const stages = rest.filter((entry) => inTrace(entry)?.stage && entry.at <= over.at).slice(0, most)
    return [
      attempt,
      ...stages.map(({ at, detail }, index) => ({
        // two reports may come in one millisecond
        ...child(stageOf(detail), at, stages[index + 1]?.at ?? over.at, { 'joinery.stage': tame(detail, 256) }),
        id: idOf(`stage ${index}`, at),
        parent: attempt.id
      }))
    ]
  })
}

const endsAttempt = (entry: TimelineEntry): boolean => (inTrace(entry)?.attempt ?? 'begins') !== 'begins'

const failureOf = (entry: TimelineEntry): Pick<Span, 'failure'> =>
  inTrace(entry)?.attempt === 'fails' ? { failure: tame(entry.detail, 256) } : {}

/** Name of a stage: kubeadm's phase in brackets, such as `kubelet-start`. */
const stageOf = (detail: string): string => /^\[([a-z0-9-]{1,32})\]/.exec(detail)?.[1] ?? 'stage'

const nameOf = (part: readonly TimelineEntry[], end: TimelineEntry): string => {
  if (end.event === 'in-service') return 'in service'
  if (end.event === 'remove') return 'remove'
  return part.some(({ event }) => event === 'recover') ? 'way back' : 'join'
}

const attributesOf = (enrolment: EnrolmentDocument, { event }: TimelineEntry): Span['attributes'] => ({
  'joinery.enrolment.id': enrolment.id,
  'joinery.code.id': tame(enrolment.code, 64),
  'joinery.role': enrolment.role,
  'joinery.credential': credentialOf(enrolment.terms),
  'joinery.attempts': enrolment.join.attempts.length,
  'joinery.outcome': event,
  'k8s.node.name': tame(enrolment.name, 253)
})

/** The code, if it is for one machine: the wait from its making to the machine is that machine's own. */
const ofOneMachine = (code: CodeDocument | undefined): CodeDocument | undefined =>
  (code?.uses ?? 1) === 1 ? code : undefined

const isSame = (one: TimelineEntry, other: TimelineEntry): boolean =>
  one.at === other.at && one.event === other.event && one.actor === other.actor && one.detail === other.detail

const traceOf = (id: string): string =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id.replaceAll('-', '') : hash(id, 32)

const hash = (text: string, digits: number): string => createHash('sha256').update(text).digest('hex').slice(0, digits)
