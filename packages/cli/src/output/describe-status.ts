import { section } from '@joinery/host/text/section'
import { alertCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import { type Alert, alertDays, version } from '@joinery/protocol'
import type { SeenStatus } from '../operator-client.ts'
import type { Screen, Terminal } from '../terminal/terminal.ts'
import { age, moment } from '../terminal/times.ts'
import { sharedRows } from './describe-shared.ts'
import { fold } from './fold.ts'

const none = 'none'

/** The status with its commands going the way of this command: the server does not know that way. */
export const toldStatus = (
  { remedies, alerts, ...status }: SeenStatus,
  { told }: Pick<Terminal, 'told'>
): SeenStatus => ({
  ...status,
  ...(alerts !== undefined && {
    alerts: { ...alerts, last: alerts.last.map((alert) => ({ ...alert, next: told(alert.next) })) }
  }),
  ...(remedies !== undefined && { remedies: remedies.map(told) })
})

/** Rows about the server's health. Below them come the things that need a person, and the alerts. */
export const describeStatus = (status: SeenStatus, now: Date, screen: Screen): string => {
  const { colour } = screen
  const { started, agents, cluster, enrolments, codes, alerts, refusals, remedies } = status
  // it knows nothing of machines: the counts are no counts
  const standsBy = status.leadership?.isActive === false
  const rows: Cell[][] = [
    ['Server:', `${status.version}${started === undefined ? '' : `, since ${moment(started)} (${age(started, now)})`}`],
    ['Command:', version],
    ['Agents:', `${agents.url}${agents.listen === undefined ? '' : ` (listens on ${agents.listen})`}`],
    ...operatorRows(status),
    ['Pin:', agents.pin],
    ...nextPinRows(status),
    ...hostRows(status),
    ...sharedRows(status, now),
    ...(standsBy ? [] : [['Cluster:', clusterCell(cluster, now)]]),
    ...(cluster.credentialExpires === undefined ? [] : [['Token:', `until ${moment(cluster.credentialExpires)}`]]),
    ...(standsBy ? [] : [['Enrolments:', counted(enrolments)]]),
    ...notReadyRow(status),
    ...joinRows(status),
    ...(codes === undefined || standsBy ? [] : [['Codes:', `${codes.open} open`]]),
    ...(standsBy ? [] : alertsRow(alerts)),
    ...webhookRows(status),
    ...auditRows(status),
    ...policyRow(status),
    ...(refusals === undefined || standsBy ? [] : [['Refusals:', counted(refusals)]]),
    ...(remedies?.length === 0 ? [['What to do:', 'nothing']] : [])
  ]
  const todo =
    remedies === undefined || remedies.length === 0
      ? ''
      : `What to do:\n${table(
          remedies.map((remedy) => [`- ${remedy}`]),
          colour
        )}`
  const alarms =
    alerts === undefined || alerts.count === 0
      ? ''
      : section('Alerts, newest first', [alertHeaders, ...alerts.last.flatMap(alertRows)], colour)
  return fold(table(rows, colour) + todo + alarms + (remedies === undefined ? notInCluster : ''), screen)
}

/** Says what a status over the cluster lacks, so that nobody takes it for well. */
const notInCluster =
  "Not in Kubernetes: start, listeners, certificate, store, log, which server is active, alerts, refusals and what to do; sudo joinery status on the pairing server's host has them\n"

const operatorRows = ({ operators }: SeenStatus): Cell[][] =>
  operators === undefined ? [] : [['Operators:', operators.socket]]

/** Rows about the pin that comes next, and the machines that may not know it. */
const nextPinRows = ({ agents: { nextPin, untold, listen } }: SeenStatus): Cell[][] => {
  if (nextPin === undefined) return []
  const finish = 'every machine that waits knows it: joinery-server rotate-ca --finish'
  // only the server's host knows which machines were told
  if (listen === undefined) return [['Next pin:', nextPin]]
  if (untold === undefined) return [['Next pin:', `${nextPin} (${finish})`]]
  const { waiting, count, names } = untold
  const more = count > names.length ? ' ...' : ''
  return [
    ['Next pin:', nextPin],
    ['Not told:', `${count} of ${waiting} machines that wait: ${names.join(', ')}${more}`]
  ]
}

/** Rows about the things of the server's host. */
const hostRows = ({ agents: { certificateExpires }, agentPackage, store }: SeenStatus): Cell[][] => {
  if (certificateExpires === undefined || store === undefined) return []
  const { path, trouble } = store
  return [
    ['Certificate:', `until ${moment(certificateExpires)}`],
    ['Agent package:', agentPackage ?? '<none>, so code create --cloud-init has nothing to install'],
    ['Store:', trouble === undefined ? `${path}, writable` : alertCell(`${path}: ${trouble}`)]
  ]
}

const joinRows = ({ joins }: SeenStatus): Cell[][] => {
  if (joins === undefined) return []
  const { now, atMost, joinsAtOnce, waiting } = joins
  const text = `${now} of ${atMost} at once${waiting === 0 ? '' : `, ${waiting} wait for their turn`}`
  const isLowered = atMost < joinsAtOnce
  return [
    ['Joins:', isLowered ? alertCell(`${text}; joinsAtOnce is ${joinsAtOnce}, and the API server is slow`) : text]
  ]
}

/** Most machines that the row of those that are not Ready names. */
const namedAtMost = 5

const notReadyRow = ({ notReady = [] }: SeenStatus): Cell[][] => {
  if (notReady.length === 0) return []
  const more = notReady.length - namedAtMost
  return [['Not Ready:', alertCell(`${notReady.slice(0, namedAtMost).join(', ')}${more > 0 ? `, ${more} more` : ''}`)]]
}

const alertsRow = (alerts: SeenStatus['alerts']): Cell[][] =>
  alerts === undefined
    ? []
    : [['Alerts:', alerts.count === 0 ? none : alertCell(`${alerts.count} in the last ${alertDays} days`)]]

const webhookRows = ({ webhooks = [] }: SeenStatus): Cell[][] =>
  webhooks.map(({ name, waiting, sent, dead, lost, failing, gone }, index) => {
    const counts = `${name}: ${sent} sent, ${waiting} waiting, ${dead + lost} not delivered`
    const isWell = dead + lost === 0 && failing === undefined && gone === undefined
    return [index === 0 ? 'Webhooks:' : '', isWell ? counts : alertCell(counts)]
  })

const auditRows = ({ audit }: SeenStatus): Cell[][] => {
  if (audit === undefined) return []
  const { log, size, waiting, trouble, key } = audit
  const said = `${log}, ${size} leaves${waiting === 0 ? '' : `, ${waiting} waiting`}`
  return [
    ['Audit log:', trouble === undefined ? said : alertCell(`${said}: ${trouble}`)],
    ['Audit key:', key]
  ]
}

const policyRow = ({ policy }: SeenStatus): Cell[][] => {
  if (policy === undefined) return []
  const { mode, hash, rules, trouble } = policy
  const counts = mode === undefined ? 'none counts' : `${mode}, ${rules.length} rules, ${hash}`
  return [['Policy:', trouble === undefined ? counts : alertCell(`${counts}; the file is wrong`)]]
}

const alertHeaders: Cell[] = ['AT', 'SUBJECT', 'EVENT', 'DETAIL']

const alertRows = ({ at, subject, event, detail, next }: Alert): Cell[][] => [
  [moment(at), subject, event, alertCell(detail)],
  ['', '', '', `next: ${next}`]
]

const clusterCell = ({ version: kubernetes, trouble }: SeenStatus['cluster'], now: Date): Cell =>
  trouble === undefined
    ? `Kubernetes ${kubernetes}`
    : alertCell(`out of reach since ${moment(trouble.since)} (${age(trouble.since, now)}): ${trouble.reason}`)

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ') || none
