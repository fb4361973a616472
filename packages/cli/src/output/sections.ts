import type { TimelineEntry } from '@joinery/protocol'
import { moment } from '../times.ts'
import { alertCell } from './styles.ts'
import { type Cell, table } from './table.ts'

/** A table under its title, indented, as `kubectl describe` does it. */
export const section = (title: string, rows: Cell[][], colour: boolean): string =>
  `${title}:\n${table(rows, colour).replace(/^(?=.)/gm, '  ')}`

export const timelineSection = (timeline: readonly TimelineEntry[], colour: boolean): string =>
  section('Timeline', [['AT', 'ACTOR', 'EVENT', 'DETAIL'], ...timeline.map(timelineRow)], colour)

const timelineRow = ({ at, actor, event, detail, alert }: TimelineEntry): Cell[] => [
  moment(at),
  actor,
  event,
  alert ? alertCell(`ALERT ${detail}`) : detail
]
