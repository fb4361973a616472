export { buildProgram } from '../program/program.ts'
export { run } from '../program/run.ts'
