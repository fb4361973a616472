import { checksText } from '@joinery/host/text/checks'
import { type Cell, table } from '@joinery/host/text/table'
import type { MachineChange, PreflightReport } from '@joinery/protocol'
import { valueText } from '../program/value-text.ts'

/** The report for a person: what was changed, and the checks. */
export const describeReport = ({ checks, changes }: PreflightReport, colour: boolean): string =>
  [...(changes === undefined ? [] : [changesText(changes, colour), '\n']), checksText(checks, colour)].join('')

const changesText = (changes: readonly MachineChange[], colour: boolean): string =>
  changes.length === 0
    ? 'Nothing to mend.\n'
    : table([['CHANGED', 'OLD', 'NEW', 'FOR'], ...changes.map(changeRow)], colour)

const changeRow = ({ check, what, before = '', after = '' }: MachineChange): Cell[] => [
  what,
  valueText(before),
  valueText(after),
  check
]
