import type { TimelineEntry } from '@joinery/protocol'
import { section } from '@joinery/protocol/text/section.ts'
import { alertCell } from '@joinery/protocol/text/styles.ts'
import type { Cell } from '@joinery/protocol/text/table.ts'
import type { Screen } from '../terminal.ts'
import { moment } from '../times.ts'
import { fold } from './fold.ts'

export const timelineSection = (timeline: readonly TimelineEntry[], screen: Screen): string =>
  fold(section('Timeline', [['AT', 'ACTOR', 'EVENT', 'DETAIL'], ...timeline.map(timelineRow)], screen.colour), screen)

const timelineRow = ({ at, actor, event, detail, alert }: TimelineEntry): Cell[] => [
  moment(at),
  actor,
  event,
  alert ? alertCell(`ALERT ${detail}`) : detail
]
