export { Clock, systemClock } from '../program/clock.ts'
export type { AgentConfig } from '../program/config.ts'
export { Log, type Logger } from '../program/log.ts'
