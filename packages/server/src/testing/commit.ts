export { Enrolments } from '../commit/enrolments.ts'
export { Waiting } from '../commit/waiting.ts'
