import {
  attemptLimit,
  calledOf,
  isArriving,
  isReady,
  isRecovering,
  type OperatorVerb,
  type Role,
  type TimelineEntry
} from '@joinery/protocol'
import type { Change } from '../../core/ports/store/change.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { Mark } from './journeys.ts'
import { readKubeadmStage } from './kubeadm-stage.ts'
import type { Labels, NameOf } from './table.ts'

/** One thing to count, or a time in seconds to observe. */
export type Measurement = Counted | Observed
type Counted = { [Name in NameOf<'counter'>]: { count: Name; labels: Labels<Name> } }[NameOf<'counter'>]
type Observed = {
  [Name in NameOf<'histogram'>]: { observe: Name; labels: Labels<Name>; seconds: number }
}[NameOf<'histogram'>]

/** Result of measuring a change: what to count, and the stage of kubeadm at which each machine is from now on. */
export interface Measured {
  measurements: Measurement[]
  /** Undefined for a machine whose stage need not be known any more. */
  marks: Map<string, Mark | undefined>
}

/**
 * Measures a change that was committed: by its entries for the timelines, and by the times in its documents. Pure. `markOf`: the
 * stage at which a machine was before it.
 */
export const measureChange = (change: Change, markOf: (id: string) => Mark | undefined): Measured => {
  const measurements: Measurement[] = []
  const marks: Measured['marks'] = new Map()
  const enrolments = new Map(change.enrolments?.map((enrolment) => [enrolment.id, enrolment]))
  for (const { subject, entry } of change.entries ?? []) {
    measurements.push(...ofEntry(entry))
    const enrolment = enrolments.get(subject)
    if (enrolment === undefined) continue
    measurements.push(...ofEnrolment(enrolment, entry, change))
    const before = marks.has(subject) ? marks.get(subject) : markOf(subject)
    const { mark, measured } = ofStage(enrolment, entry, before)
    measurements.push(...measured)
    if (mark !== before) marks.set(subject, mark)
  }
  for (const enrolment of enrolments.values()) {
    const { id } = enrolment
    if (!isArriving(enrolment) && !isReady(enrolment) && (marks.get(id) ?? markOf(id)) !== undefined)
      marks.set(id, undefined)
  }
  return { measurements, marks }
}

/** Measurements by an entry alone, whatever its subject is. */
const ofEntry = ({ actor, event, alert }: TimelineEntry): Measurement[] => {
  const measurements: Measurement[] = []
  // a label takes an event that the table does not have as `other`
  if (alert) measurements.push({ count: 'joinery_alerts_total', labels: { event: event as 'conflict' } })
  const { verb, csr, recovery } = calledOf(event) ?? {}
  if (actor === 'operator' && verb) {
    measurements.push({ count: 'joinery_operator_decisions_total', labels: { verb: event as OperatorVerb } })
  }
  if (csr !== undefined) measurements.push({ count: 'joinery_csr_decisions_total', labels: csr })
  if (recovery !== undefined && (event !== 'end-recovery' || alert)) {
    measurements.push({ count: 'joinery_recoveries_total', labels: { event: recovery } })
  }
  return measurements
}

/** Measurements by an entry and its enrolment, as that is after the change. */
const ofEnrolment = (
  enrolment: EnrolmentDocument,
  { at, actor, event }: TimelineEntry,
  change: Change
): Measurement[] => {
  const { role } = enrolment
  const { attempts } = enrolment.join
  const attempt = attempts.at(-1)
  const stage = (name: 'register' | 'ready' | 'in-service', from: string | undefined): Measurement[] =>
    from === undefined
      ? []
      : [{ observe: 'joinery_stage_duration_seconds', labels: { stage: name, role }, seconds: secondsFrom(from, at) }]
  switch (event) {
    case 'enrol':
      return waited('enrol', role, change.codes?.find(({ id }) => id === enrolment.code)?.created, at)
    case 'approve':
      return isRecovering(enrolment)
        ? [{ count: 'joinery_recoveries_total', labels: { event: 'approved' } }]
        : waited('approve', role, enrolment.created, at)
    case 'claim': {
      // an attempt after one that failed waited for nobody
      const isFirst = attempt?.number === enrolment.join.lastAttempt - attemptLimit + 1
      return isFirst ? waited('claim', role, enrolment.approval.evidence?.at, at) : []
    }
    case 'register':
      return stage('register', attempt?.claimed)
    case 'become-ready':
      if (attempt?.recovery) return [{ count: 'joinery_recoveries_total', labels: { event: 'back' } }]
      return [
        ...stage('ready', enrolment.node?.registered),
        ...(attempt === undefined
          ? []
          : [
              {
                observe: 'joinery_join_duration_seconds' as const,
                labels: { role },
                seconds: secondsFrom(attempt.claimed, at)
              }
            ])
      ]
    case 'in-service':
      return stage('in-service', enrolment.join.ready)
    case 'fail':
    case 'give-up':
      // the class of a failure that an agent reports is counted with the report
      return actor === 'server' ? [{ count: 'joinery_attempt_failures_total', labels: { class: 'server', role } }] : []
    default:
      return []
  }
}

const waited = (
  wait: Labels<'joinery_wait_duration_seconds'>['wait'],
  role: Role,
  from: string | undefined,
  to: string
): Measurement[] =>
  from === undefined
    ? []
    : [{ observe: 'joinery_wait_duration_seconds', labels: { wait, role }, seconds: secondsFrom(from, to) }]

/** Measures the stage of kubeadm that an entry says is over, and notes the one that begins. */
const ofStage = (
  { role, join: { attempts } }: EnrolmentDocument,
  { at, event, detail }: TimelineEntry,
  before: Mark | undefined
): { mark: Mark | undefined; measured: Measurement[] } => {
  const attempt = attempts.at(-1)
  const stage = event === 'progress' ? readKubeadmStage(detail) : undefined
  if (stage === undefined || attempt === undefined) return { mark: before, measured: [] }
  const now = Date.parse(at)
  const last = before?.attempt === attempt.number ? before : undefined
  if (last?.stage === stage) return { mark: last, measured: [] }
  const over = (name: Labels<'joinery_stage_duration_seconds'>['stage'], seconds: number): Measurement => ({
    observe: 'joinery_stage_duration_seconds',
    labels: { stage: name, role },
    seconds
  })
  const measured = [
    // the first words are known only if the claim was seen in this run: else it may be any stage
    ...(stage === 'preflight' && last === undefined ? [over('start', secondsFrom(attempt.claimed, at))] : []),
    ...(last === undefined ? [] : [over(last.stage, (now - last.at) / 1000)])
  ]
  return { mark: stage === 'end' ? undefined : { attempt: attempt.number, stage, at: now }, measured }
}

const secondsFrom = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000
