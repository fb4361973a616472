import { codeStatuses } from '@joinery/protocol'
import type { SeenCode } from '../operator-client.ts'
import { age, moment } from '../terminal/times.ts'
import { byAge, type Column, longestAge, longestOf } from './columns.ts'

export const codeColumns: readonly Column<SeenCode>[] = [
  { header: 'ID', cell: ({ id }) => id },
  { header: 'STATUS', longest: longestOf(codeStatuses), cell: ({ status }) => status },
  { header: 'NAME', cell: ({ name }) => name ?? '<any>' },
  { header: 'ROLE', cell: ({ role }) => role },
  { header: 'USES', cell: ({ used, uses }) => `${used}/${uses}`, sorts: ({ used }) => used },
  { header: 'ENROLMENT', cell: ({ enrolment, used }) => enrolment ?? (used === 0 ? '<none>' : '<several>') },
  { header: 'EXPIRES', cell: ({ expires }) => moment(expires) },
  {
    header: 'AGE',
    longest: longestAge,
    cell: ({ created }, now) => age(created, now),
    sorts: ({ created }) => byAge(created)
  },
  { header: 'CREATED', wide: true, cell: ({ created }) => moment(created) },
  { header: 'CREDENTIAL', wide: true, cell: ({ credential = '<unknown>' }) => credential }
]
