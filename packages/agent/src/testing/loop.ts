export { noFailures, pauseAfterError, withFailure } from '../loop/backoff.ts'
export { closeInterruptedJoin } from '../loop/close-interrupted-join.ts'
export { runAgent } from '../loop/run-agent.ts'
