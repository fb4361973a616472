import type { FileLog, Log, Part } from './read-log.ts'

/** A test file that failed: the innermost one that is known, which can be played by itself. */
export interface FailedFile {
  file: string
  /** The file that tap ran: a group, or the file itself. */
  process: string
  /** True if nobody knows whether it failed: tap said the end of another file's time limit in place of its result. */
  isLost: boolean
  /** Files that may be to blame: of a group that was cut off, more than one. */
  suspects: string[]
  /** Its outermost tests that failed. */
  tests: string[]
  /** All that failed in it, at any depth. */
  failures: string[]
  /** Its part of the log. */
  output: string
}

/**
 * The files of a step that failed: those of `planned` that tap did not see pass. So a file is among them, too, if tap ended before it, or
 * lost its result.
 */
export const failedFiles = (log: Log, planned: readonly string[]): FailedFile[] => {
  const files = planned.filter((file) => !log.leftOut.some((name) => file.endsWith(`/${name}.cluster.ts`)))
  const unsaid = files.filter((file) => log.files.get(file)?.passed === undefined)
  const isLost = ({ file, failures }: Failed): boolean =>
    unsaid.length <= log.expired.length && unsaid.includes(file) && !log.expired.includes(file) && failures.length === 0
  return files.flatMap((file) => innermost(file, log.files.get(file))).map((one) => ({ ...one, isLost: isLost(one) }))
}

type Failed = Omit<FailedFile, 'isLost'>

/** A group that ran to its end fails by some of its files. One that was cut off fails as a whole: nobody ran the others. */
const innermost = (file: string, log: FileLog | undefined): Failed[] => {
  if (log === undefined) return [failedBy(file, file, [])]
  if (log.passed) return []
  const failed = log.parts.filter(({ failures }) => failures.length > 0)
  const isWhole = log.endedByItself && log.ranAll && failed.length > 0 && failed.every((part) => part.file !== file)
  if (isWhole) return failed.map((part) => failedBy(part.file, file, [part]))
  const last = log.parts.slice(-1)
  const suspects = [file, ...[...failed, ...last].map((part) => part.file)]
  return [{ ...failedBy(file, file, log.parts), suspects: [...new Set(suspects)] }]
}

const failedBy = (file: string, process: string, parts: readonly Part[]): Failed => ({
  file,
  process,
  suspects: [file],
  tests: parts.flatMap(({ failed }) => failed),
  failures: parts.flatMap(({ failures }) => failures),
  output: parts.flatMap(({ lines }) => lines).join('\n')
})

/**
 * Why a file that was played again does not count as passed. Undefined if it does. What failed before must have passed by its name: a test
 * that is skipped, or not there any more, proves nothing. `played` is the file, or its group, in which other files may fail.
 */
export const refusesReplay = (before: FailedFile, played: string, isGreen: boolean, log: Log): string | undefined => {
  const isAlone = played === before.file
  const isRed = failedFiles(log, [played]).some(({ file }) => [before.file, played].includes(file))
  if (isRed || (isAlone && !isGreen)) return isAlone ? 'it failed again' : `it failed again in ${played}`
  const passed = log.files.get(played)?.parts.flatMap((part) => part.passed) ?? []
  const missing = before.tests.find((name) => !passed.includes(name))
  return missing === undefined && log.passed > 0
    ? undefined
    : `the test that had failed did not run again: ${missing ?? played}`
}
