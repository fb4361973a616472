/** `host` is an address of either IP version, or a name. */
export const httpsUrl = (host: string, port: number): string =>
  `https://${host.includes(':') ? `[${host}]` : host}:${port}`
