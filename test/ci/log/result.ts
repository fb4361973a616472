import { globSync } from 'node:fs'
import type { Played } from '../play.ts'
import type { Step } from '../steps.ts'
import { type FailedFile, failedFiles } from './failed-files.ts'
import { type Log, readLog } from './read-log.ts'

/** A step that ended. */
export interface Result extends Step {
  isGreen: boolean
  output: string
  log: Log
  failed: FailedFile[]
}

/** Judges a step by its exit status and by what its files said: one that tap did not see pass has failed, whatever the status is. */
export const resultOf = (root: string, step: Step, { isGreen, stdout, output }: Played): Result => {
  const log = readLog(stdout)
  const failed = failedFiles(log, globSync(step.files ?? [], { cwd: root }).sort())
  return { ...step, isGreen: isGreen && failed.length === 0 && log.own.length === 0, output, log, failed }
}

/** The assertions of a step. One without tests counts as one, and one that failed has at least one that failed. */
export const countOf = ({ isGreen, log }: Pick<Result, 'isGreen' | 'log'>): { passed: number; failed: number } => ({
  passed: isGreen && log.runs === 0 ? 1 : log.passed,
  failed: isGreen ? log.failed : Math.max(1, log.failed)
})

/**
 * Each test of an output that failed, with its diagnostics, also of a run that a test shows as comments, or the end of the output if it
 * names none. Whoever sees only the last lines of a run finds the cause there.
 */
export const failuresIn = (output: string): string => {
  const lines = output.trimEnd().split('\n')
  let left = 0
  const shown = lines.filter((line) => {
    if (/^[ #]*not ok/.test(line)) left = 30
    else if (/^[ #]*(ok|Subtest|1\.\.)/.test(line)) left = 0
    left -= 1
    const isShown = left >= 0
    if (/^[ #]*\.\.\.$/.test(line)) left = 0
    return isShown
  })
  return (shown.length === 0 ? lines.slice(-30) : shown.slice(0, 200)).join('\n')
}
