export { run } from '../program/run.ts'
