import Type from 'typebox'

/** The name that the pairing server's certificate always has beside its addresses, so that an address may change. */
export const serverName = 'joinery-server'

/**
 * The header by which one of several servers names them to earlier agents: https URLs with a space between them. Agents of this version go
 * by the statement alone.
 */
export const serversHeader = 'joinery-servers'

/** Most servers that are named beside the first one. */
export const serversAtMost = 16

/** Most characters of the header. A longer one names nothing. */
export const serversHeaderAtMost = 2048

const urlAtMost = 512

/** Schema of the further servers of an installation, wherever they are written. */
export const FurtherServers = Type.Array(
  Type.String({
    maxLength: urlAtMost,
    pattern: '^https://[^\\s]+$',
    description: 'https URL of the agents listener'
  }),
  { maxItems: serversAtMost, description: 'servers of this installation, if there are several; all have the same pin' }
)

/**
 * The URL of a server's listener for agents: `https://`, a host and a port, written in the one way that is used from here on.
 * Undefined if the text is anything else, or has more.
 */
export const serverUrl = (text: string): string | undefined => {
  if (text.length > urlAtMost || !/^https:\/\/[0-9A-Za-z._:[\]-]+$/.test(text)) return undefined
  if (!URL.canParse(text)) return undefined
  const { port, origin } = new URL(text)
  return port === '0' ? undefined : origin
}

/** The servers of an installation beside the first one, each once. What is no URL of a server is passed over. */
export const furtherServers = ({ server, servers = [] }: { server: string; servers?: readonly string[] }): string[] =>
  eachOnce(servers.filter((url) => serverUrl(url) !== (serverUrl(server) ?? server)))

const eachOnce = (texts: readonly string[]): string[] =>
  [...new Set(texts.flatMap((text) => serverUrl(text) ?? []))].slice(0, serversAtMost)
