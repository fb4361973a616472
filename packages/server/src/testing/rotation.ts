export { finishAuthority, rotateAuthority } from '../core/leadership/rotation/rotate-authority.ts'
export { rotateKeys } from '../core/leadership/rotation/rotate-keys.ts'
export { WatchedServers } from '../core/leadership/rotation/watched-servers.ts'
