import { section } from '@joinery/host/text/section'
import { alertCell, stateCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import { type AgentStatus, type Check, type MachineChange, shortFingerprint } from '@joinery/protocol'
import { inWords } from '../plan/failing.ts'
import { valueText } from '../program/value-text.ts'

/** The status of the agent, for a person. The table escapes every text. */
export const describeAgentStatus = (status: AgentStatus, colour: boolean): string => {
  const { checks, failures, changes } = status
  return [
    table(summaryRows(status), colour),
    ...(checks.length > 0 ? [section('Preflight checks that fail', checks.flatMap(checkRows), colour)] : []),
    ...failures.map((failure) => section(`Attempt ${failure.attempt} failed`, failureRows(failure), colour)),
    ...(changes.length > 0 ? [section('Changed by the agent', changes.map(changeRow), colour)] : [])
  ].join('')
}

const summaryRows = (status: AgentStatus): Cell[][] => {
  const { agent, message, lasted, enrolment, key, server, attempt, failing, remedy, recovery, servers = [] } = status
  return [
    ['Agent:', agent === 'failed' ? alertCell(agent) : agent],
    // a configuration may have several mistakes, a line each
    ...message.split('\n').map((line, index) => [index === 0 ? 'Message:' : '', line]),
    ...present('For:', lasted !== undefined && duration(lasted)),
    ...present('Failing:', failing && `for ${duration(failing.lasted)}, ${tries(failing.tries)}`),
    ...present('Next try:', failing && `in ${duration(failing.nextTry)}`),
    ...present('Way back:', recovery && recoveryText(recovery)),
    ...present('Name:', enrolment?.name),
    ...(enrolment === undefined ? [] : [['State:', stateCell(enrolment.state)]]),
    ...present('Attempt:', attempt && `${attempt.number}`),
    ...present('Stage:', attempt?.stage !== undefined && `${attempt.done} of ${attempt.of}: ${attempt.stage}`),
    ...(key === undefined
      ? []
      : [
          ['Key:', shortFingerprint(key)],
          ['', key]
        ]),
    ...present('Server:', server),
    ...servers.filter(({ inUse }) => !inUse).map((other, index) => [index === 0 ? 'Others:' : '', otherText(other)]),
    ...remedy.map((command) => ['Remedy:', command])
  ]
}

const otherText = ({ url, state, why }: NonNullable<AgentStatus['servers']>[number]): string =>
  state === 'away' && why !== undefined ? why : `${url} ${serverWords[state]}`

const serverWords = {
  active: 'answered when it was asked last',
  standby: 'stands by',
  away: 'is away',
  'not-tried': 'was not asked yet'
} as const

const recoveryText = ({ phase, lasted }: NonNullable<AgentStatus['recovery']>): string =>
  lasted === undefined ? phase : `${phase} for ${duration(lasted)}`

const present = (label: string, value: string | false | undefined): Cell[][] =>
  value === undefined || value === false ? [] : [[label, value]]

const duration = (seconds: number): string => inWords(seconds * 1000)

const tries = (count: number): string => (count === 1 ? '1 try' : `${count} tries`)

const checkRows = ({ name, finding, remedy = [] }: Check): Cell[][] => [
  [name, finding],
  ...remedy.map((command) => ['', `remedy: ${command}`])
]

const failureRows = ({ class: kind, stage, cause, remedy, output }: AgentStatus['failures'][number]): Cell[][] => [
  ['Class:', kind],
  ...present('Stage:', stage !== '' && stage),
  ...present('Cause:', cause),
  ...remedy.map((command) => ['Remedy:', command]),
  ...output.map((line, index) => [index === 0 ? 'Output:' : '', line])
]

const changeRow = ({ check, what, before, after }: MachineChange): Cell[] => [
  check,
  before === undefined && after === undefined ? what : `${what}: ${valueText(before)} -> ${valueText(after)}`
]
