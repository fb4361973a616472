import { type Cell, table } from '@joinery/host/text/table'
import type { Screen } from '../../terminal/terminal.ts'
import { moment } from '../../terminal/times.ts'
import { bar, fold } from '../fold.ts'
import type { LogLine } from './log-lines.ts'

/** Lines of a log. Those of the machine are set off: none of them can be taken for one of ours. `widths` as in `table`. */
export const logText = (lines: readonly LogLine[], screen: Screen, widths?: number[]): string => {
  const cells = table(lines.map(row), screen.colour, widths).split('\n')
  const text = lines.map(({ claimed }, index) => `${claimed ? bar : ' '.repeat(bar.length)}${cells[index]}\n`).join('')
  return fold(text, screen)
}

const row = ({ at, from, text }: LogLine): Cell[] => [moment(at), from, text]
