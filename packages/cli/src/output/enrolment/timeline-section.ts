import { section } from '@joinery/host/text/section'
import { alertCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import type { TimelineEntry } from '@joinery/protocol'
import { moment } from '../../terminal/times.ts'

/** The timeline. Empty for a look that has none. */
export const timelineSection = (timeline: readonly TimelineEntry[] | undefined, colour: boolean): string =>
  timeline === undefined
    ? ''
    : section('Timeline', [['AT', 'ACTOR', 'EVENT', 'DETAIL'], ...timeline.map(timelineRow)], colour)

const timelineRow = ({ alert, ...entry }: TimelineEntry): Cell[] => {
  const text = textOf(entry)
  return [moment(entry.at), authorOf(entry), entry.event, alert ? alertCell(`ALERT ${text}`) : text]
}

/** Text of an entry, with how often it came. */
export const textOf = ({ at, detail, count, last = at, decision }: Omit<TimelineEntry, 'alert'>): string => {
  const times = count === undefined ? detail : `${count} times until ${moment(last)}: ${detail}`
  return decision === undefined ? times : [times, `Decision ${decision}`].filter(Boolean).join('; ')
}

/** Author of an entry. A Kubernetes user may have any name, also one like those of operators on the host. */
export const authorOf = ({ actor, by, decision }: Omit<TimelineEntry, 'alert'>): string => {
  if (by === undefined) return actor
  return decision === undefined ? `${actor} ${by}` : `Kubernetes user ${by}`
}
