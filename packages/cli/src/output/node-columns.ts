import { alertCell, conditionCell, stateCell } from '@joinery/host/text/styles'
import type { TracedNode } from '@joinery/protocol'
import { age, moment } from '../terminal/times.ts'
import type { Column } from './columns.ts'

const none = '<none>'

/** The first four as kubectl has them. */
export const nodeColumns: readonly Column<TracedNode>[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'STATUS', cell: conditionCell },
  { header: 'ROLES', cell: ({ roles }) => roles.join(',') || none },
  { header: 'AGE', cell: ({ created }, now) => age(created, now) },
  { header: 'ENROLMENT', cell: ({ enrolment }) => (enrolment === undefined ? none : stateCell(enrolment.state)) },
  // by which way it came, where that is known, else what it is
  { header: 'HOW', cell: ({ trace }) => (trace === 'enrolled' ? 'joinery' : trace) },
  { header: 'ENROLMENT ID', wide: true, cell: ({ enrolment }) => enrolment?.id ?? none },
  { header: 'UID', wide: true, cell: ({ uid }) => uid },
  { header: 'MACHINE ID', wide: true, cell: ({ machineId }) => machineId || none },
  { header: 'SYSTEM UUID', wide: true, cell: ({ systemUuid }) => systemUuid || none },
  { header: 'SEEN', wide: true, cell: ({ seen }) => (seen === undefined ? none : moment(seen)) },
  { header: 'WRONG', cell: ({ wrong }) => (wrong === undefined ? none : alertCell(wrong)) }
]
