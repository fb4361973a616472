import { systemMonotonic } from '../core/base/clock.ts'
import { makeLog } from '../core/base/log.ts'
import { Commits, type Follower } from '../core/commit/commits.ts'
import type { WritableStore } from '../core/ports/store/store.ts'
import { leavesOf } from '../features/audit/leaves-of.ts'

export { Commits, Follower, LeavesOf } from '../core/commit/commits.ts'
export { Enrolments } from '../core/commit/enrolments.ts'
export { Waiting } from '../core/commit/waiting.ts'

/** The commits of a store, as a server makes them, with these followers. */
export const commitsTo = (store: Pick<WritableStore, 'commit'>, followers: readonly Follower[] = []): Commits =>
  new Commits({
    store,
    leavesOf,
    followers: () => followers,
    monotonic: systemMonotonic,
    log: makeLog({ write: () => {} })
  })
