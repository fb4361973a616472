export { exitCodes, ProblemAnswer } from '../terminal/errors.ts'
export { exec } from '../terminal/exec.ts'
export type { Terminal } from '../terminal/terminal.ts'
