import { alertCell, conditionCell, stateCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import { states } from '@joinery/protocol'
import type { SeenNode } from '../operator-client.ts'
import { age, moment } from '../terminal/times.ts'
import { byAge, type Column, longestAge, longestOf } from './columns.ts'

const none = '<none>'

/** The matter that a person must look at, else the cause for which the Node is not Ready, else the words of its kubelet. */
const wrongCell = ({ condition, wrong, cause, message }: SeenNode): Cell => {
  if (wrong !== undefined) return alertCell(wrong)
  if (condition === 'Ready') return none
  return cause?.text ?? (message === undefined ? 'it is not Ready' : `its kubelet says: ${message}`)
}

const agentCell = ({ agent }: SeenNode): Cell =>
  agent === undefined ? none : agent.tooOld ? alertCell(agent.version) : agent.version

/** Columns of a Node. The first four are the same as in kubectl. */
export const nodeColumns: readonly Column<SeenNode>[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'STATUS', longest: 'NotReady*'.length, cell: conditionCell },
  { header: 'ROLES', cell: ({ roles }) => roles.join(',') || none },
  {
    header: 'AGE',
    longest: longestAge,
    cell: ({ created }, now) => age(created, now),
    sorts: ({ created }) => byAge(created)
  },
  {
    header: 'ENROLMENT',
    longest: longestOf(states),
    cell: ({ enrolment }) => (enrolment === undefined ? none : stateCell(enrolment.state))
  },
  // the way by which the Node joined if that is known, else its kind
  { header: 'HOW', cell: ({ trace }) => (trace === 'enrolled' ? 'joinery' : trace) },
  { header: 'ENROLMENT ID', wide: true, cell: ({ enrolment }) => enrolment?.id ?? none },
  { header: 'UID', wide: true, cell: ({ uid }) => uid },
  { header: 'MACHINE ID', wide: true, cell: ({ machineId }) => machineId || none },
  { header: 'SYSTEM UUID', wide: true, cell: ({ systemUuid }) => systemUuid || none },
  { header: 'SEEN', wide: true, cell: ({ seen }) => (seen === undefined ? none : moment(seen)) },
  { header: 'CAUSE', wide: true, cell: ({ cause }) => cause?.code ?? none },
  {
    header: 'CERTIFICATE',
    wide: true,
    cell: ({ certificateExpires }) => (certificateExpires === undefined ? none : `until ${moment(certificateExpires)}`)
  },
  { header: 'AGENT', wide: true, cell: agentCell },
  { header: 'WRONG', cell: wrongCell }
]
