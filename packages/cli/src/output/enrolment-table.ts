import { type Check, type Enrolment, shortFingerprint } from '@joinery/protocol'
import type { Session } from '../session.ts'
import { age } from '../times.ts'
import { conditionCell, stateCell } from './styles.ts'
import { type Cell, table } from './table.ts'

interface Column {
  header: string
  /** Shown by `-o wide` only. */
  wide?: true
  cell(enrolment: Enrolment, now: Date): Cell
}

const columns: Column[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'STATE', cell: ({ state }) => stateCell(state) },
  { header: 'NODE', cell: ({ node }) => (node === undefined ? '<none>' : conditionCell(node)) },
  { header: 'ROLE', cell: ({ role }) => role },
  { header: 'ADDRESS', cell: ({ address }) => address },
  { header: 'KEY', cell: ({ key }) => shortFingerprint(key) },
  { header: 'PREFLIGHT', cell: ({ preflight }) => preflightSummary(preflight) },
  { header: 'AGE', cell: ({ created }, now) => age(created, now) },
  { header: 'ID', wide: true, cell: ({ id }) => id },
  { header: 'CODE', wide: true, cell: ({ code }) => code },
  { header: 'MACHINE ID', wide: true, cell: ({ facts }) => facts.machineId || '<none>' },
  { header: 'KUBELET', wide: true, cell: ({ facts }) => facts.kubelet || '<none>' },
  { header: 'OS', wide: true, cell: ({ facts }) => facts.os || '<none>' },
  { header: 'MESSAGE', cell: ({ message }) => message }
]

/** A line for each enrolment. `widths` as in `table`. */
export const enrolmentTable = (
  { terminal, format }: Session,
  enrolments: readonly Enrolment[],
  headers: boolean,
  widths?: number[]
): string => {
  const shown = columns.filter(({ wide }) => format === 'wide' || wide === undefined)
  const now = terminal.now()
  const rows = enrolments.map((enrolment) => shown.map(({ cell }) => cell(enrolment, now)))
  return table(headers ? [shown.map(({ header }) => header), ...rows] : rows, terminal.colour, widths)
}

const preflightSummary = (preflight: readonly Check[]): string => {
  const count = (verdict: Check['verdict']) => preflight.filter((check) => check.verdict === verdict).length
  if (count('fail') > 0) return `${count('fail')} fail`
  return count('warn') > 0 ? `${count('warn')} warn` : 'pass'
}
