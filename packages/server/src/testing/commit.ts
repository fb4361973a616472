export { Enrolments } from '../core/commit/enrolments.ts'
export { Waiting } from '../core/commit/waiting.ts'
