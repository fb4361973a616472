import {
  type Attempt,
  type Check,
  type EnrolmentDetail,
  type NodeStatus,
  type ServingCsr,
  shortFingerprint
} from '@joinery/protocol'
import { section as titled } from '@joinery/protocol/text/section.ts'
import { alertCell, conditionCell, stateCell, verdictCell } from '@joinery/protocol/text/styles.ts'
import { type Cell, table } from '@joinery/protocol/text/table.ts'
import { age, moment } from '../times.ts'
import { etcdMembers } from './etcd-members.ts'
import { factRows } from './fact-rows.ts'
import { keySections } from './key-sections.ts'
import { labelAndTaintRows } from './labels-and-taints.ts'
import { policyRows } from './policy.ts'
import { timelineSection } from './timeline-section.ts'

/** All that is known of an enrolment, in sections, as `kubectl describe` does it. `reference`: what the operator calls it. */
export const describeEnrolment = (
  enrolment: EnrolmentDetail,
  reference: string,
  now: Date,
  colour: boolean
): string => {
  const { withoutAgent, facts, preflight, attempts, servingCsrs = [], node, timeline } = enrolment
  const when = (time: string) => `${moment(time)} (${age(time, now)})`
  const section = (title: string, rows: Cell[][]) => titled(title, rows, colour)
  return [
    table(summaryRows(enrolment, when), colour),
    ...(withoutAgent
      ? []
      : [
          section('Facts, as the machine claims them', factRows(facts)),
          section('Preflight', [['CHECK', 'VERDICT', 'FINDING'], ...preflight.flatMap(checkRows)])
        ]),
    ...keySections(enrolment, reference, when, colour),
    ...attempts.map((attempt) => section(`Attempt ${attempt.number}`, attemptRows(attempt))),
    ...(node === undefined ? [] : [section('Node', nodeRows(node, when))]),
    ...(servingCsrs.length > 0 ? [section('Serving certificates', servingCsrRows(servingCsrs))] : []),
    timelineSection(timeline, colour)
  ].join('')
}

const summaryRows = (enrolment: EnrolmentDetail, when: (time: string) => string): Cell[][] => {
  const { name, id, state, message, nameConflict, role, code, credential, withoutAgent } = enrolment
  const unconfirmed = enrolment.confirmed === false && !withoutAgent ? ', not confirmed' : ''
  return [
    ['Name:', name],
    ...(nameConflict === undefined ? [] : [['Name conflict:', alertCell(nameConflict)]]),
    ['State:', stateCell(state)],
    ['Since:', when(enrolment.since)],
    ['Message:', message],
    ['Role:', role],
    ...(withoutAgent ? [['Agent:', '<none>: it joins by a join command']] : keyRows(enrolment)),
    ['Credential:', credential],
    ...(withoutAgent ? [] : machineRows(enrolment)),
    ['ID:', id],
    ...(withoutAgent ? [] : [['Code:', code]]),
    ...labelAndTaintRows(enrolment),
    ...policyRows(enrolment.policy),
    [withoutAgent ? 'Made:' : 'Enrolled:', when(enrolment.created)],
    ...present('Agent ready:', enrolment.agentReady && when(enrolment.agentReady)),
    ...present('Ready:', enrolment.ready && `${when(enrolment.ready)}${unconfirmed}`)
  ]
}

const keyRows = ({ key }: EnrolmentDetail): Cell[][] => [
  ['Key:', shortFingerprint(key)],
  ['', key]
]

const machineRows = (enrolment: EnrolmentDetail): Cell[][] => {
  const { role, credential, joinKey, address, facts } = enrolment
  const claimed = facts.addresses.includes(address) ? '' : ', not among those that the machine claims'
  return [
    // what an approval covers where it is a certificate
    ...present('Join key:', credential === 'certificate' ? (joinKey ?? '<none>: its agent is too old') : undefined),
    ...(role === 'control-plane' ? controlPlaneRows(enrolment) : []),
    ['Address:', `${address} (seen by the server${claimed})`]
  ]
}

const controlPlaneRows = (enrolment: EnrolmentDetail): Cell[][] => [
  ...present('Seal key:', enrolment.sealKey === undefined ? '<none>: its agent is too old' : undefined),
  ['Granted:', enrolment.granted === undefined ? '<no>' : `until ${moment(enrolment.granted)}`],
  ...present('etcd:', etcdMembers(enrolment))
]

const checkRows = ({ name, verdict, finding, remedy = [] }: Check): Cell[][] => [
  [name, verdictCell(verdict), finding],
  ...remedy.map((command) => ['', '', `remedy: ${command}`])
]

const attemptRows = (attempt: Attempt): Cell[][] => [
  ...present('Token:', attempt.tokenId),
  ...present('Credential CSR:', attempt.credentialCsr),
  ...present('Credential serial:', attempt.credentialSerial),
  ['Claimed:', moment(attempt.claimed)],
  ['Deadline:', moment(attempt.deadline)],
  ...present('Stage:', attempt.stage),
  ...present('CSR:', attempt.csr),
  ...present('Certificate:', attempt.certificateSerial),
  ...lines('Failure:', attempt.failure)
]

/** A text of several lines: cause, stage, remedies, and what kubeadm printed last. */
const lines = (label: string, text = ''): Cell[][] =>
  text === '' ? [] : text.split('\n').map((line, number) => [number === 0 ? label : '', line])

const present = (label: string, value: string | undefined): Cell[][] => (value === undefined ? [] : [[label, value]])

const nodeRows = (node: NodeStatus, when: (time: string) => string): Cell[][] => [
  ['Condition:', conditionCell(node)],
  ['Message:', node.message],
  ['UID:', node.uid],
  ['Registered:', when(node.registered)],
  ...present('Ready:', node.ready && when(node.ready))
]

const servingCsrRows = (csrs: readonly ServingCsr[]): Cell[][] => [
  ['CSR', 'ANSWER'],
  ...csrs.map(({ name, left }) => [name, left === undefined ? 'approved' : `left pending: ${left}`])
]
