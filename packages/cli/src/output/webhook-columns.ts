import { alertCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import { noticeKinds, type Webhook } from '@joinery/protocol'
import { age, moment } from '../terminal/times.ts'
import type { Column } from './columns.ts'

export const webhookColumns: readonly Column<Webhook>[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'RECEIVER', cell: ({ receiver }) => receiver },
  {
    header: 'EVENTS',
    cell: ({ events }) => (events.length === noticeKinds.length ? 'all' : events.join(','))
  },
  { header: 'WAITING', cell: ({ waiting }) => `${waiting}` },
  { header: 'SENT', cell: ({ sent }) => `${sent}` },
  { header: 'NOT DELIVERED', cell: ({ dead, lost }) => (dead + lost === 0 ? '0' : alertCell(`${dead + lost}`)) },
  { header: 'STATE', cell: (webhook, now) => stateOf(webhook, now) }
]

const stateOf = ({ failing, gone }: Webhook, now: Date): Cell => {
  if (gone !== undefined) return alertCell(`wants nothing since ${moment(gone)}`)
  if (failing === undefined) return 'ok'
  return alertCell(`failing for ${age(failing.since, now)}: ${failing.reason}`)
}

/** Rows about notices that were not delivered, newest first. */
export const notDeliveredRows = ({ name, notDelivered }: Webhook): Cell[][] =>
  notDelivered.map(({ since, type, tries, reason }) => [moment(since), name, type, `${tries}`, reason])

export const notDeliveredHeaders: Cell[] = ['SINCE', 'WEBHOOK', 'TYPE', 'TRIES', 'WHY']
