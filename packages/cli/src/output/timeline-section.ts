import type { TimelineEntry } from '@joinery/protocol'
import { section } from '@joinery/protocol/text/section.ts'
import { alertCell } from '@joinery/protocol/text/styles.ts'
import type { Cell } from '@joinery/protocol/text/table.ts'
import { moment } from '../times.ts'

export const timelineSection = (timeline: readonly TimelineEntry[], colour: boolean): string =>
  section('Timeline', [['AT', 'ACTOR', 'EVENT', 'DETAIL'], ...timeline.map(timelineRow)], colour)

const timelineRow = ({ alert, ...entry }: TimelineEntry): Cell[] => {
  const { at, actor, event, detail, count, last = at } = entry
  const text = count === undefined ? detail : `${count} times until ${moment(last)}: ${detail}`
  return [moment(at), actor, event, alert ? alertCell(`ALERT ${text}`) : text]
}
