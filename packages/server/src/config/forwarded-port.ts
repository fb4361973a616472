import type { ServerConfig } from './config.ts'

/** What must be so for machines to reach this server where they are sent to another port than it listens on; else undefined. */
export const forwardedPort = ({ listen, address }: ServerConfig['agents']): string | undefined => {
  const own = listen.slice(listen.lastIndexOf(':') + 1)
  const published = new URL(address).port || '443'
  // 0: the system chooses
  if (Number(own) === 0 || Number(own) === Number(published)) return undefined
  return `agents.address sends machines to port ${published}, and this server listens on port ${own}: something must forward the one to the other`
}
