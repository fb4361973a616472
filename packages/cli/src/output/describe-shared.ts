import { alertCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import { type LeadershipStatus, type LogStatus, rotationPart } from '@joinery/protocol'
import type { SeenServer, SeenStatus } from '../operator-client.ts'
import { age, moment } from '../terminal/times.ts'

/** Rows about the servers of an installation and the log that they share. None if the server has its store for itself. */
export const sharedRows = (
  { leadership, servers = [], log }: Pick<SeenStatus, 'leadership' | 'servers' | 'log'>,
  now: Date
): Cell[][] => [
  ...(leadership === undefined ? [] : [['Role:', roleCell(leadership, now)]]),
  ...servers.map((server, index) => [index === 0 ? 'Servers:' : '', serverCell(server, servers, now)]),
  ...(log === undefined ? [] : [['Log:', logCell(log, now)]])
]

const roleCell = ({ isActive, active, term, since, trouble, troubleSince }: LeadershipStatus, now: Date): Cell => {
  const long = since === undefined ? '' : ` since ${moment(since)} (${age(since, now)})`
  const other = active === undefined ? 'no server is active' : `${active} is active${long}, term ${term}`
  const said = isActive ? `active${long}, term ${term}` : `stands by; ${other}`
  if (trouble === undefined) return said
  const from = troubleSince === undefined ? '' : `trouble since ${moment(troubleSince)} (${age(troubleSince, now)}): `
  return alertCell(`${said}: ${from}${trouble}`)
}

const serverCell = (server: SeenServer, servers: readonly SeenServer[], now: Date): Cell => {
  const { url, state, seen } = server
  const part = rotationPart(server, servers)
  const rotation = part === undefined ? '' : `, ${partWords[part]}`
  if (state === 'away')
    return alertCell(`${url} away${seen === undefined ? '' : `, last heard of ${age(seen, now)} ago`}${rotation}`)
  const said = state === undefined ? url : `${url} ${state}${rotation}`
  return part === 'lacks' ? alertCell(said) : said
}

const partWords = {
  lacks: 'lacks a CA that another server has',
  has: 'has the next CA',
  serves: 'serves by the next CA'
} as const

const logCell = (log: LogStatus, now: Date): Cell => {
  const { number, batches, headBytes, waiting, documents, bytes, written, unavailable, behind } = log
  const said = [
    `batch ${number}`,
    `${batches} in the head (${size(headBytes)})`,
    `${waiting} of ${documents} documents waiting (${size(bytes)})`,
    `${size(written)} written`
  ].join(', ')
  if (unavailable === undefined)
    return behind === undefined ? said : alertCell(`${said}; documents cannot be written: ${behind.why}`)
  return alertCell(
    `${said}; cannot be written since ${moment(unavailable.since)} (${age(unavailable.since, now)}): ${unavailable.why}`
  )
}

const size = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
