import { section } from '@joinery/host/text/section'
import { alertCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import { type Alert, alertDays, type Status, version } from '@joinery/protocol'
import type { Screen } from '../terminal/terminal.ts'
import { age, moment } from '../terminal/times.ts'
import { fold } from './fold.ts'

const none = 'none'

/** Rows about the server's health. Below them come the things that need a person, and the alerts. */
export const describeStatus = (status: Status, now: Date, screen: Screen): string => {
  const { colour } = screen
  const { agents, operators, agentPackage, store, cluster, enrolments, codes, alerts, refusals, remedies } = status
  const rows: Cell[][] = [
    ['Server:', `${status.version}, since ${moment(status.started)} (${age(status.started, now)})`],
    ['Command:', version],
    ['Agents:', `${agents.url} (listens on ${agents.listen})`],
    ['Operators:', operators.socket],
    ['Pin:', agents.pin],
    ['Certificate:', `until ${moment(agents.certificateExpires)}`],
    ['Agent package:', agentPackage ?? '<none>, so code create --cloud-init has nothing to install'],
    ['Store:', store.trouble === undefined ? `${store.path}, writable` : alertCell(`${store.path}: ${store.trouble}`)],
    ['Cluster:', clusterCell(cluster, now)],
    ...(cluster.credentialExpires === undefined ? [] : [['Token:', `until ${moment(cluster.credentialExpires)}`]]),
    ['Enrolments:', counted(enrolments)],
    ['Codes:', `${codes.open} open`],
    ['Alerts:', alerts.count === 0 ? none : alertCell(`${alerts.count} in the last ${alertDays} days`)],
    ['Refusals:', counted(refusals)],
    ...(remedies.length === 0 ? [['What to do:', 'nothing']] : [])
  ]
  const todo =
    remedies.length === 0
      ? ''
      : `What to do:\n${table(
          remedies.map((remedy) => [`- ${remedy}`]),
          colour
        )}`
  const alarms =
    alerts.count === 0 ? '' : section('Alerts, newest first', [alertHeaders, ...alerts.last.flatMap(alertRows)], colour)
  return fold(table(rows, colour) + todo + alarms, screen)
}

const alertHeaders: Cell[] = ['AT', 'SUBJECT', 'EVENT', 'DETAIL']

const alertRows = ({ at, subject, event, detail, next }: Alert): Cell[][] => [
  [moment(at), subject, event, alertCell(detail)],
  ['', '', '', `next: ${next}`]
]

const clusterCell = ({ version: kubernetes, trouble }: Status['cluster'], now: Date): Cell =>
  trouble === undefined
    ? `Kubernetes ${kubernetes}`
    : alertCell(`out of reach since ${moment(trouble.since)} (${age(trouble.since, now)}): ${trouble.reason}`)

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ') || none
