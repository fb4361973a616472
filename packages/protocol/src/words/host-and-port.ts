/** `host:port` of an https URL, with IPv6 in brackets. `URL.host` would leave out the default port. */
export const hostAndPort = (url: string): string => {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port || 443}`
}
