import { serversAtMost, serverUrl } from '@joinery/protocol'

/** The servers that an agent may ask. */
export interface KnownServers {
  /** The servers of the configuration, in its order. They stay, whatever a server says. */
  configured: readonly string[]
  /** The servers that a server has named, the newest first. */
  learned: readonly string[]
}

/** All of them, those of the configuration first. */
export const allOf = ({ configured, learned }: KnownServers): string[] => [...configured, ...learned]

/**
 * The known servers after a server has named some. The newest come first, and the oldest learned ones go. The same object if nothing is
 * new.
 */
export const withNamed = (known: KnownServers, named: readonly string[]): KnownServers => {
  const before = new Set(allOf(known).map((url) => serverUrl(url) ?? url))
  const fresh = named.filter((url) => !before.has(url))
  return fresh.length === 0 ? known : { ...known, learned: [...fresh, ...known.learned].slice(0, serversAtMost) }
}
