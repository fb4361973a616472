import { conditionCell, stateCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import type { Enrolment } from '@joinery/protocol'

export const headers: Cell[] = ['NAME', 'STATE', 'NODE', 'MESSAGE']

/** The message is cut to `room` characters. */
export const rowOf = ({ name, state, node, message }: Enrolment, room = Number.POSITIVE_INFINITY): Cell[] => [
  name,
  stateCell(state),
  node === undefined ? '<none>' : conditionCell(node),
  message.length > room ? `${message.slice(0, Math.max(0, room - 3))}...` : message
]

/** The whole table, no line of it longer than `columns`. */
export const fittingTable = (enrolments: readonly Enrolment[], colour: boolean, columns: number): string => {
  const whole = table([headers, ...enrolments.map((enrolment) => rowOf(enrolment))], false)
  const room = columns - whole.indexOf('MESSAGE')
  return table([headers, ...enrolments.map((enrolment) => rowOf(enrolment, room))], colour)
}
