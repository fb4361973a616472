import { section } from '@joinery/host/text/section'
import { stateCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import { type CodeRequest, type CodeUser, shortFingerprint } from '@joinery/protocol'
import type { SeenCode, SeenCodeDetail } from '../operator-client.ts'
import type { Screen } from '../terminal/terminal.ts'
import { age, formatDuration, moment } from '../terminal/times.ts'
import { gateRows } from './enrolment/gate-rows.ts'
import { labelAndTaintRows } from './enrolment/labels-and-taints.ts'
import { policyRows } from './enrolment/policy.ts'
import { timelineSection } from './enrolment/timeline-section.ts'
import { fold } from './fold.ts'

/** Everything that is known about a code, without the code itself: nobody has that any more. */
export const describeCode = (code: SeenCodeDetail, now: Date, screen: Screen): string => {
  const { colour } = screen
  const { id, status, uses, used, users = [], enrolment, created, expires, timeline } = code
  const times = [
    ['Created:', `${moment(created)} (${age(created, now)})`],
    ['Expires:', moment(expires)],
    // a look without users has the one enrolment of a code for one machine
    ...(enrolment === undefined || users.length > 0 ? [] : [['Enrolment:', enrolment]])
  ]
  const sections = [
    table([['ID:', id], ['Status:', status], ...codeRows(code, `${used}/${uses}`, times)], colour),
    ...(users.length === 0 ? [] : [section('Used by', [userHeaders, ...users.map(userRow)], colour)]),
    timelineSection(timeline, colour)
  ]
  return fold(sections.join(''), screen)
}

/** Everything that a code will be for, before there is one. */
export const describeRequest = (request: CodeRequest, screen: Screen): string => {
  const { role = 'worker', uses = 1, ttl } = request
  return fold(
    table(codeRows({ ...request, role }, `${uses}`, [['Lifetime:', formatDuration(ttl)]]), screen.colour),
    screen
  )
}

/** Rows for what a code is for. `times`: the rows about its life. */
const codeRows = (
  code: Omit<CodeRequest, 'ttl'> & Pick<SeenCode, 'role'>,
  uses: string,
  times: string[][]
): string[][] => {
  const { name, role, credential, from = [], prefetch, proof } = code
  return [
    ['Name:', name ?? '<any>'],
    ['Role:', role],
    ...(credential === undefined ? [] : [['Credential:', credential]]),
    ['Uses:', uses],
    ...(from.length === 0 ? [] : [['From:', from.join(', ')]]),
    ...(prefetch === undefined ? [] : [['Prefetch:', prefetch ? 'on' : 'off']]),
    ...times,
    ...labelAndTaintRows(code),
    ...gateRows(code),
    ...policyRows(code),
    ...(proof === undefined ? [] : [['Proof:', proof ? 'yes' : 'no']])
  ]
}

const userHeaders: Cell[] = ['NAME', 'STATE', 'KEY', 'ENROLMENT']

const userRow = ({ name, state, key, enrolment }: CodeUser): Cell[] => [
  name,
  stateCell(state),
  shortFingerprint(key),
  enrolment
]
