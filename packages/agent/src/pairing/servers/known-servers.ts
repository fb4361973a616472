import { minute, serversAtMost, serverUrl } from '@joinery/protocol'

/** A server that the agent knows only by the word of another one. */
export interface LearnedServer {
  url: string
  /** Monotonic milliseconds at which it was named first. */
  named: number
  /** True if it was named again, long enough after. Only then may it be asked. */
  proven: boolean
  /** Pin whose key it has proven to have. Absent if it was never met. */
  met?: string
}

/** The servers that an agent knows. */
export interface KnownServers {
  /** The servers of the configuration, in its order. They stay, whatever a server says. */
  configured: readonly [string, ...string[]]
  /** The servers that the last statement names beside them. */
  learned: readonly LearnedServer[]
}

/**
 * Milliseconds between two answers that name a server, before it may be asked. A server that was taken over for a shorter time teaches
 * nothing: what it named goes with the next answer that names something else.
 */
export const apart = 10 * minute

/** All servers that may be asked, those of the configuration first. */
export const askable = ({ configured, learned }: KnownServers): string[] => [
  ...configured,
  ...learned.filter(({ proven }) => proven).map(({ url }) => url)
]

/**
 * The known servers after the one at `from` has named these. The learned servers that it does not name go. Only a server of the
 * configuration teaches new ones.
 */
export const afterNaming = (known: KnownServers, named: readonly string[], from: string, now: number): KnownServers => {
  const own = new Set(known.configured.map((url) => serverUrl(url) ?? url))
  const before = new Map(known.learned.map((server) => [server.url, server]))
  const teaches = known.configured.includes(from)
  const learned = named
    .filter((url) => !own.has(url))
    .flatMap((url): LearnedServer[] => {
      const server = before.get(url)
      if (server === undefined) return teaches ? [{ url, named: now, proven: false }] : []
      return [server.proven || now - server.named < apart ? server : { ...server, proven: true }]
    })
  return { ...known, learned: learned.slice(0, serversAtMost) }
}

/** The known servers after the one at this URL has proven to have the key of this pin. */
export const afterMeetingServer = (known: KnownServers, url: string, pin: string): KnownServers => ({
  ...known,
  learned: known.learned.map((server) => (server.url === url ? { ...server, met: pin } : server))
})

/** True if a server at this URL may have the next key, while `pin` is the present one: it is configured, or was met by that pin. */
export const mayHaveNextKey = ({ configured, learned }: KnownServers, url: string, pin: string): boolean =>
  configured.includes(url) || learned.some((server) => server.url === url && server.met === pin)
