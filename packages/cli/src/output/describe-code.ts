import { section } from '@joinery/host/text/section'
import { stateCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import { type CodeUser, shortFingerprint } from '@joinery/protocol'
import type { SeenCodeDetail } from '../operator-client.ts'
import type { Screen } from '../terminal/terminal.ts'
import { age, moment } from '../terminal/times.ts'
import { gateRows } from './enrolment/gate-rows.ts'
import { labelAndTaintRows } from './enrolment/labels-and-taints.ts'
import { policyRows } from './enrolment/policy.ts'
import { timelineSection } from './enrolment/timeline-section.ts'
import { fold } from './fold.ts'

/** Everything that is known about a code, without the code itself: nobody has that any more. */
export const describeCode = (code: SeenCodeDetail, now: Date, screen: Screen): string => {
  const { colour } = screen
  const {
    id,
    status,
    name,
    role,
    credential,
    uses,
    used,
    users = [],
    enrolment,
    from = [],
    created,
    expires,
    policy,
    prefetch,
    recover,
    timeline
  } = code
  const summary = [
    ['ID:', id],
    ['Status:', status],
    ['Name:', name ?? '<any>'],
    ['Role:', role],
    ...(credential === undefined ? [] : [['Credential:', credential]]),
    ['Uses:', `${used}/${uses}`],
    ...(from.length === 0 ? [] : [['From:', from.join(', ')]]),
    ...(prefetch === undefined ? [] : [['Prefetch:', prefetch ? 'on' : 'off']]),
    ['Created:', `${moment(created)} (${age(created, now)})`],
    ['Expires:', moment(expires)],
    // a look without users has the one enrolment of a code for one machine
    ...(enrolment === undefined || users.length > 0 ? [] : [['Enrolment:', enrolment]]),
    ...labelAndTaintRows(code),
    ...gateRows(code),
    ...policyRows(policy),
    ...(recover === undefined ? [] : [['Recover:', recover]])
  ]
  const sections = [
    table(summary, colour),
    ...(users.length === 0 ? [] : [section('Used by', [userHeaders, ...users.map(userRow)], colour)]),
    timelineSection(timeline, colour)
  ]
  return fold(sections.join(''), screen)
}

const userHeaders: Cell[] = ['NAME', 'STATE', 'KEY', 'ENROLMENT']

const userRow = ({ name, state, key, enrolment }: CodeUser): Cell[] => [
  name,
  stateCell(state),
  shortFingerprint(key),
  enrolment
]
