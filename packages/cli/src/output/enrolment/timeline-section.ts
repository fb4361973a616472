import { section } from '@joinery/host/text/section'
import { alertCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import type { TimelineEntry } from '@joinery/protocol'
import { moment } from '../../terminal/times.ts'

export const timelineSection = (timeline: readonly TimelineEntry[], colour: boolean): string =>
  section('Timeline', [['AT', 'ACTOR', 'EVENT', 'DETAIL'], ...timeline.map(timelineRow)], colour)

const timelineRow = ({ alert, ...entry }: TimelineEntry): Cell[] => {
  const { at, actor, by, event, detail, count, last = at } = entry
  const text = count === undefined ? detail : `${count} times until ${moment(last)}: ${detail}`
  const who = by === undefined ? actor : `${actor} ${by}`
  return [moment(at), who, event, alert ? alertCell(`ALERT ${text}`) : text]
}
