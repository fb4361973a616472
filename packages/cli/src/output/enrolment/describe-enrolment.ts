import { section as titled } from '@joinery/host/text/section'
import { alertCell, conditionCell, stateCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import { type Attempt, type ServingCsr, shortFingerprint } from '@joinery/protocol'
import { isView, type SeenEnrolmentDetail } from '../../operator-client.ts'
import type { Screen, Terminal } from '../../terminal/terminal.ts'
import { age, moment, until } from '../../terminal/times.ts'
import { etcdMembers } from '../etcd-members.ts'
import { fold } from '../fold.ts'
import { claims } from './claims.ts'
import { factRows } from './fact-rows.ts'
import { gateRows, notYetRows } from './gate-rows.ts'
import { keySections, releaseSection } from './key-sections.ts'
import { labelAndTaintRows } from './labels-and-taints.ts'
import { policyRows } from './policy.ts'
import { preflightSections } from './preflight-sections.ts'
import { recoverySections } from './recovery-sections.ts'
import { timelineSection } from './timeline-section.ts'

/** Everything about an enrolment, in sections like `kubectl describe`. `reference`: the operator's name for it. */
export const describeEnrolment = (
  enrolment: SeenEnrolmentDetail,
  reference: string,
  now: Date,
  screen: Screen & Pick<Terminal, 'told'>
): string => {
  const { withoutAgent, pruned, facts, preflight, attempts = [], servingCsrs = [], node, cause, timeline } = enrolment
  const { colour } = screen
  const when = (time: string) => `${moment(time)} (${age(time, now)})`
  const section = (title: string, rows: Cell[][]) => titled(title, rows, colour)
  const sections = [
    table(summaryRows(enrolment, when, now), colour),
    ...(withoutAgent || pruned
      ? []
      : [
          claims('Facts, as the machine claims them', factRows(facts), screen),
          ...factsOfApproval(enrolment, screen),
          ...preflightSections(preflight, screen)
        ]),
    ...recoverySections(enrolment, when, screen),
    ...keySections(enrolment, when, screen),
    ...releaseSection(enrolment, reference, screen),
    ...attempts.flatMap((attempt) => attemptSections(attempt, screen)),
    ...(node === undefined ? [] : [section('Node', nodeRows(node, cause, when))]),
    ...(servingCsrs.length > 0 ? [section('Serving certificates', servingCsrRows(servingCsrs))] : []),
    timelineSection(timeline, colour),
    ...(isView(enrolment) ? [notInView] : [])
  ]
  return fold(sections.join(''), screen)
}

/** Says which parts of an enrolment a view lacks, so that nobody takes them for empty. */
const notInView =
  "Not in Kubernetes: timeline, attempts, findings of checks, further facts and other keys; sudo joinery show on the pairing server's host has them\n"

const summaryRows = (enrolment: SeenEnrolmentDetail, when: (time: string) => string, now: Date): Cell[][] => {
  const { name, id, state, message, nameConflict, role, code, credential, withoutAgent, pruned, approved } = enrolment
  const unconfirmed = enrolment.confirmed === false && !withoutAgent ? ', not confirmed' : ''
  return [
    ['Name:', name],
    ...(nameConflict === undefined ? [] : [['Name conflict:', alertCell(nameConflict)]]),
    ['State:', stateCell(state)],
    ['Since:', when(enrolment.since)],
    ...present('Expires:', enrolment.expires && `${moment(enrolment.expires)} (${until(enrolment.expires, now)})`),
    ['Message:', message],
    ['Role:', role],
    ...(withoutAgent ? [['Agent:', '<none>: it joins by a join command']] : keyRows(enrolment)),
    ['Credential:', credential],
    ...(withoutAgent || pruned ? [] : machineRows(enrolment)),
    ['ID:', id],
    ['Revision:', `${enrolment.revision}`],
    ...(withoutAgent ? [] : [['Code:', `${code}${enrolment.codeClosed === undefined ? '' : ' (closed)'}`]]),
    ...labelAndTaintRows(enrolment),
    ...gateRows(enrolment),
    ...policyRows(enrolment),
    [withoutAgent ? 'Made:' : 'Enrolled:', when(enrolment.created)],
    ...conflictRows(enrolment),
    ...present('Approved:', approved && `${when(approved.at)}, revision ${approved.revision}`),
    ...present('Agent ready:', enrolment.agentReady && when(enrolment.agentReady)),
    ...present('Ready:', enrolment.ready && `${when(enrolment.ready)}${unconfirmed}`),
    ...present('In service:', enrolment.inService && when(enrolment.inService)),
    ...notYetRows(enrolment)
  ]
}

/** Facts that the machine stated otherwise when it was approved. The decision was about these. */
const factsOfApproval = ({ facts, approved }: SeenEnrolmentDetail, screen: Screen): string[] => {
  if (approved?.facts === undefined) return []
  const now = factRows(facts)
  const before = factRows(approved.facts).filter(([, value], at) => value !== now[at]?.[1])
  return before.length === 0
    ? []
    : [claims('Other facts, as the machine claimed them when it was approved', before, screen)]
}

export const keyRows = ({ key }: SeenEnrolmentDetail): Cell[][] => [
  ['Key:', shortFingerprint(key)],
  ['', key]
]

/** Row for the keys of others that a view only counts. Empty if the look has them all, or if there are none. */
export const conflictRows = ({ conflictCount }: SeenEnrolmentDetail): Cell[][] =>
  conflictCount === undefined ? [] : [['Other keys:', alertCell(`${conflictCount} presented the code`)]]

export const machineRows = (enrolment: SeenEnrolmentDetail): Cell[][] => {
  const { role, credential, joinKey, address, facts } = enrolment
  const isClaimed = facts.addresses?.includes(address) ?? true
  const claimed = isClaimed ? '' : ', not among those that the machine claims'
  return [
    // an approval for a certificate covers the join key
    ...present(
      'Join key:',
      credential === 'certificate' && !isView(enrolment) ? (joinKey ?? '<none>: its agent is too old') : undefined
    ),
    ...(role === 'control-plane' && !isView(enrolment) ? controlPlaneRows(enrolment) : []),
    ['Address:', `${address} (seen by the server${claimed})`]
  ]
}

const controlPlaneRows = (enrolment: SeenEnrolmentDetail): Cell[][] => [
  ...present('Seal key:', enrolment.sealKey === undefined ? '<none>: its agent is too old' : undefined),
  ['Granted:', enrolment.granted === undefined ? '<no>' : `until ${moment(enrolment.granted)}`],
  ...present('etcd:', etcdMembers(enrolment))
]

/** The server's knowledge of an attempt, and below it the machine's report. */
const attemptSections = (attempt: Attempt, screen: Screen): string[] => {
  const { number, stage, failure, failedBy } = attempt
  const ofServer = failedBy === 'server'
  const reported = [...present('Stage:', stage), ...(ofServer ? [] : lines('Failure:', failure))]
  const rows = [...attemptRows(attempt), ...(ofServer ? present('Failure:', failure) : [])]
  return [
    titled(`Attempt ${number}`, rows, screen.colour),
    ...(reported.length === 0 ? [] : [claims(`Attempt ${number}, as the machine reports it`, reported, screen)])
  ]
}

const attemptRows = (attempt: Attempt): Cell[][] => [
  ...present('Token:', attempt.tokenId),
  ...present('Credential CSR:', attempt.credentialCsr),
  ...present('Credential serial:', attempt.credentialSerial),
  ['Claimed:', moment(attempt.claimed)],
  ['Deadline:', moment(attempt.deadline)],
  ...present('CSR:', attempt.csr),
  ...present('Certificate:', attempt.certificateSerial)
]

/** A text of several lines: cause, stage, remedies, and what kubeadm printed last. */
const lines = (label: string, text = ''): Cell[][] =>
  text === '' ? [] : text.split('\n').map((line, number) => [number === 0 ? label : '', line])

const present = (label: string, value: string | undefined): Cell[][] => (value === undefined ? [] : [[label, value]])

const nodeRows = (
  node: NonNullable<SeenEnrolmentDetail['node']>,
  cause: SeenEnrolmentDetail['cause'],
  when: (time: string) => string
): Cell[][] => [
  ['Condition:', conditionCell(node)],
  ...present('Cause:', cause && `${cause.code}: ${cause.text}`),
  ...present('Message:', node.message),
  ['UID:', node.uid],
  ...present('Registered:', node.registered && when(node.registered)),
  ...present('Ready:', node.ready && when(node.ready))
]

const servingCsrRows = (csrs: readonly ServingCsr[]): Cell[][] => [
  ['CSR', 'ANSWER'],
  ...csrs.map(({ name, left }) => [name, left === undefined ? 'approved' : `left pending: ${left}`])
]
