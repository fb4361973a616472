import type { SeenServer, SeenStatus } from '../../contract.ts'
import { type Look, serverLook } from './looks.ts'

/** A server in the list of the page. */
export interface ServerRow {
  url: string
  look: Look
  word: string
  /** True for the server that answers this console. */
  isAsked: boolean
  /** Time since which it is as it is. Absent if only its own host knows. */
  since?: string
  /** Time at which it was last heard of. Absent if it never was, or if nobody says. */
  seen?: string
}

/**
 * Ways in which servers keep what they know, as far as a status says.
 * - log: in the etcd of the cluster, for all servers
 * - file: in a file of the one server's host
 * - unseen: Kubernetes names the servers, and says nothing else of them
 */
export type Keeping = 'log' | 'file' | 'unseen'

/** The servers of an installation, as far as a status says. */
export interface ServersSeen {
  keeping: Keeping
  rows: ServerRow[]
  /** The servers in a sentence or two. */
  summary: string
  /** True if the servers share a log, and none of them may write it now. */
  isWithoutActive: boolean
  /** URL of the active server, if the one that answers stands by. */
  elsewhere?: string
}

/** The servers of an installation, read from its status. */
export const serversSeen = (status: SeenStatus): ServersSeen => {
  const { leadership } = status
  const keeping: Keeping = leadership !== undefined ? 'log' : status.store !== undefined ? 'file' : 'unseen'
  const servers = status.servers ?? []
  const rows = (servers.length > 0 ? servers : [itself(status)]).map((server) => rowOf(server, keeping, status))
  const isWithoutActive = keeping === 'log' && !rows.some(({ word }) => word === 'active')
  const seen = { keeping, rows, summary: summaryOf(keeping, rows, isWithoutActive), isWithoutActive }
  return leadership?.isActive === false && leadership.active !== undefined
    ? { ...seen, elsewhere: leadership.active }
    : seen
}

/** The one server of a status that lists none. */
const itself = ({ agents: { url }, leadership, store }: SeenStatus): SeenServer => {
  if (leadership !== undefined) return { url, state: leadership.isActive ? 'active' : 'standby' }
  return store === undefined ? { url } : { url, state: 'active' }
}

const words = { active: 'active', standby: 'stands by', away: 'away' } as const

const rowOf = (server: SeenServer, keeping: Keeping, status: SeenStatus): ServerRow => {
  const { url, state, seen } = server
  const isAsked = keeping !== 'unseen' && url === status.agents.url
  const row = { url, look: serverLook(state), word: state === undefined ? 'not shown' : words[state], isAsked }
  const since = sinceOf(server, isAsked, status)
  return { ...row, ...(since === undefined ? {} : { since }), ...(seen === undefined ? {} : { seen }) }
}

/** A server that loses its leadership ends. So one that stands by has done so since its start, and says that of itself alone. */
const sinceOf = (
  { url, state }: SeenServer,
  isAsked: boolean,
  { leadership, started }: SeenStatus
): string | undefined => {
  if (state === 'active' && leadership !== undefined) return leadership.active === url ? leadership.since : undefined
  return isAsked && state !== 'away' ? started : undefined
}

const summaryOf = (keeping: Keeping, rows: readonly ServerRow[], isWithoutActive: boolean): string => {
  const isOne = rows.length === 1
  if (keeping === 'file') return 'One server, which keeps what it knows in a file of its host.'
  if (keeping === 'unseen') return isOne ? 'Kubernetes names one server.' : `Kubernetes names ${rows.length} servers.`
  const away = rows.filter(({ word }) => word === words.away).length
  return [
    isOne
      ? 'One server, with its log in the etcd of the cluster.'
      : `${rows.length} servers share a log in the etcd of the cluster.`,
    isWithoutActive ? 'None is active.' : '',
    away === 0 ? '' : away === 1 ? 'One is away.' : `${away} are away.`
  ]
    .filter(Boolean)
    .join(' ')
}

/** A number of bytes as `joinery status` writes it. */
export const bytesText = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Numbers of the log in words, one a row. */
export const logTexts = (log: NonNullable<SeenStatus['log']>): [label: string, value: string][] => {
  const { term, number, batches, headBytes, waiting, documents, bytes, written } = log
  return [
    ['Term', `${term}`],
    ['Last batch', `${number}`],
    ['In the head', `${batches === 1 ? '1 batch' : `${batches} batches`}, ${bytesText(headBytes)}`],
    ['Waiting', `${waiting} of ${documents === 1 ? '1 document' : `${documents} documents`}`],
    ['Documents', bytesText(bytes)],
    ['Written', `${bytesText(written)} to etcd, since this server started`]
  ]
}
