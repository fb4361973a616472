/** Everything of the log in the cluster that the program opens, follows and moves a store by. */
export { adoptCluster, adoptLocal } from './log/adopt.ts'
export { HeadSight, type SeenHeadFile } from './log/head-sight.ts'
export { type LogClock, systemLogClock } from './log/log-clock.ts'
export type { LogParts } from './log/log-parts.ts'
export { adopted, type Seen } from './log/memory/memory.ts'
export { takeOver } from './log/take-over.ts'
export { markName } from './log/taking-over/claim-head.ts'
export { newestOfHead } from './log/taking-over/newest-of-head.ts'
