import type { ServerConfig } from './config.ts'

/**
 * Condition for machines to reach this server, if the configuration sends them to another port than it listens on.
 * Otherwise undefined.
 */
export const forwardedPort = ({ listen, address }: ServerConfig['agents']): string | undefined => {
  const own = listen.slice(listen.lastIndexOf(':') + 1)
  const published = new URL(address).port || '443'
  // port 0: the system chooses
  if (Number(own) === 0 || Number(own) === Number(published)) return undefined
  return `agents.address sends machines to port ${published}, and this server listens on port ${own}: something must forward the one to the other`
}
