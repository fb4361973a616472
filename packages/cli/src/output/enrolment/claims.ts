import { type Cell, table } from '@joinery/host/text/table'
import type { Screen } from '../../terminal/terminal.ts'
import { bar, fold } from '../fold.ts'

/** A machine's claims, below a title that says so. Each line is set off: none of them can be taken for one of ours. */
export const claims = (title: string, rows: Cell[][], screen: Screen): string =>
  `${title}:\n${fold(table(rows, screen.colour), screen, bar)}`
