import { type AuthorityWord, isLater, knowsMore } from './authority-word.ts'

/** Another server of the installation, and its word. Whoever it is has proven that it has the keys. */
export interface OtherServer {
  url: string
  /** Undefined if it is of an earlier version, which cannot take part in a rotation. */
  word: AuthorityWord | undefined
}

/** The lines by which a host puts the next CA in place, and by which it gets keys that another one has. */
export const finishHere =
  'systemctl stop joinery-server && joinery-server rotate-ca --finish && systemctl start joinery-server'
export const takeHere =
  'systemctl stop joinery-server && joinery-server init --keys /root/joinery.keys && systemctl start joinery-server'

export const exportThere = 'joinery-server keys export --out /root/joinery.keys'

/**
 * Reason why a server with this word must not be the active one. Undefined if it may. Machines that met a server with the later CA trust
 * the earlier one no more. It counts whether that server is there or not: a rotation is never undone.
 */
export const standsBy = (own: AuthorityWord, others: readonly OtherServer[]): string | undefined => {
  const later = others.filter(({ word }) => word !== undefined && isLater(word, own))
  const [first] = later
  if (first === undefined) return undefined
  return later.some(({ word }) => word?.pin === own.next)
    ? `${first.url} serves by the next CA, and this host has not put it in place: ${finishHere}`
    : `the CA was rotated without this host: on the host of ${first.url} ${exportThere}, then here, with that file, ${takeHere}`
}

/**
 * A server that knows of a CA which this one does not have. What this one says of the next pin is wrong then, and a machine that heard it
 * would drop the pin that counts.
 */
export const aheadOf = (own: AuthorityWord, others: readonly OtherServer[]): OtherServer | undefined =>
  others.find(({ word }) => word !== undefined && knowsMore(word, own))

/** Another server as a command sees it that looks for a while. */
export interface WatchedServer extends OtherServer {
  /** Undefined if nobody knows yet whether it is there. */
  isThere: boolean | undefined
}

export type FinishAct =
  /** `have`: URLs of servers that have the CA. `lack`: of those that are away without it, and stand by when they come back. */
  { act: 'finish'; have: string[]; lack: string[] } | { act: 'wait' } | { act: 'refuse'; lacking: string[] }

/**
 * The next act of a host that is about to put its next CA in place. `away`: URLs of which root says that they do not count, whatever is heard of them. Once
 * another server has done it, nobody waits for anybody.
 */
export const decideFinish = (
  own: Required<AuthorityWord>,
  others: readonly WatchedServer[],
  away: readonly string[]
): FinishAct => {
  const hasIt = ({ word }: OtherServer): boolean => word?.pin === own.next || word?.next === own.next
  const lacking = others.filter((server) => !hasIt(server))
  const counting = lacking.filter(({ url }) => !away.includes(url))
  const refuse = (servers: readonly OtherServer[]): FinishAct => ({ act: 'refuse', lacking: urlsOf(servers) })
  const ofAnother = counting.filter(({ word }) => word !== undefined && isLater(word, own))
  if (ofAnother.length > 0) return refuse(ofAnother)
  if (!others.some(({ word }) => word?.pin === own.next)) {
    const there = counting.filter(({ isThere }) => isThere === true)
    if (there.length > 0) return refuse(there)
    if (counting.some(({ isThere }) => isThere === undefined)) return { act: 'wait' }
  }
  return { act: 'finish', have: urlsOf(others.filter(hasIt)), lack: urlsOf(lacking) }
}

const urlsOf = (servers: readonly OtherServer[]): string[] => servers.map(({ url }) => url)
