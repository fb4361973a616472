import { day, type FailureClass, failureClasses, hasFailed, isReady } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { type Pictures, type StageName, type StageTimes, stageNames } from './contract.ts'

/** Number of days in the picture. */
const days = 14

/** The numbers that the pictures draw, counted over all enrolments that the door shows. */
export const drawPictures = (all: readonly SeenEnrolment[], now: Date): Pictures => {
  const isWhole = all.every(({ attempts }) => attempts !== undefined)
  return {
    days: Array.from({ length: days }, (_, index) => dayOf(all, new Date(now.getTime() - (days - 1 - index) * day))),
    stages: stageNames.flatMap((stage) => timesOf(stage, all)),
    failures: countFailures(all),
    ...(!isWhole && {
      lacking:
        'Kubernetes shows neither attempts nor times of a join; the pairing server shows them to root on its host'
    })
  }
}

const dayOf = (all: readonly SeenEnrolment[], at: Date): Pictures['days'][number] => {
  const date = at.toISOString().slice(0, 10)
  const count = (timeOf: (enrolment: SeenEnrolment) => string | undefined): number =>
    all.filter((enrolment) => timeOf(enrolment)?.startsWith(date)).length
  return {
    day: date,
    arrived: count(({ created }) => created),
    ready: count(readyAt),
    failed: count((enrolment) => (hasFailed(enrolment) ? enrolment.since : undefined))
  }
}

/** A view has no time of Ready: there the state began with it. */
const readyAt = (enrolment: SeenEnrolment): string | undefined =>
  enrolment.ready ?? (enrolment.attempts === undefined && isReady(enrolment) ? enrolment.since : undefined)

/** Begin and end of a stage. The last attempt counts. */
const bounds: Readonly<
  Record<StageName, (enrolment: SeenEnrolment) => readonly [string | undefined, string | undefined]>
> = {
  waiting: ({ created, approved }) => [created, approved?.at],
  claiming: ({ approved, attempts }) => [approved?.at, attempts?.at(-1)?.claimed],
  joining: ({ attempts, node }) => [attempts?.at(-1)?.claimed, node?.registered],
  settling: ({ node, ready }) => [node?.registered, ready],
  whole: ({ created, ready }) => [created, ready]
}

const timesOf = (stage: StageName, all: readonly SeenEnrolment[]): StageTimes[] => {
  const seconds = all
    .flatMap((enrolment) => {
      const [begin, end] = bounds[stage](enrolment)
      return begin === undefined || end === undefined ? [] : [(Date.parse(end) - Date.parse(begin)) / 1000]
    })
    // an earlier attempt's time, or a clock that was set
    .filter((lasted) => lasted >= 0)
    .sort((one, other) => one - other)
  if (seconds.length === 0) return []
  return [{ stage, count: seconds.length, median: quantile(seconds, 0.5), p95: quantile(seconds, 0.95) }]
}

/** Nearest rank: a value that was measured. */
const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0

const countFailures = (all: readonly SeenEnrolment[]): Pictures['failures'] => {
  const counts = new Map<FailureClass | 'server', number>()
  for (const { failure, failedBy } of all.flatMap(({ attempts = [] }) => attempts)) {
    const known = failure === undefined ? undefined : failedBy === 'server' ? 'server' : classOf(failure)
    if (known !== undefined) counts.set(known, (counts.get(known) ?? 0) + 1)
  }
  return [...counts].map(([failure, count]) => ({ failure, count })).sort((one, other) => other.count - one.count)
}

/** The class with which an agent's failure begins. */
const classOf = (failure: string): FailureClass | undefined =>
  failureClasses.find((name) => failure.startsWith(`${name}:`) || failure.startsWith(`${name},`))
