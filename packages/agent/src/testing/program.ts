export { Clock, systemClock } from '../program/clock.ts'
export { AgentConfig } from '../program/config.ts'
export { exitCodes } from '../program/exit-codes.ts'
export { Log, type Logger, makeLog } from '../program/log.ts'
