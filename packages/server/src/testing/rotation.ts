export { finishAuthority, rotateAuthority } from '../rotation/rotate-authority.ts'
export { rotateKeys } from '../rotation/rotate-keys.ts'
export { WatchedServers } from '../rotation/watched-servers.ts'
