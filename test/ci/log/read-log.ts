/** One test file as tap showed it, or one of the files that a group of `test/together` has in its process. */
export interface Part {
  file: string
  /** Its outermost tests that passed, without those that were skipped. */
  passed: string[]
  /** Its outermost tests that began, and were not seen to pass. */
  failed: string[]
  /** All that failed, at any depth: tests and assertions. */
  failures: string[]
  /** As they were shown. */
  lines: string[]
}

/** A test file that tap ran in a process. */
export interface FileLog {
  /** Absent if tap did not say its result. */
  passed?: boolean
  /** False if a signal, a time limit or a call of `exit` ended it, so that it may have had more tests. */
  endedByItself: boolean
  /** True if it is a group, and has run all its files. */
  ranAll: boolean
  /** First the file itself, then those of a group. */
  parts: Part[]
}

/** What the standard output of a step says about its tests. */
export interface Log {
  /** How many runs of tap, or of what counts as tap does, have said their totals. */
  runs: number
  passed: number
  failed: number
  /** Tests that have a name. */
  named: number
  /** Suites of the cluster that were not run. */
  leftOut: string[]
  files: Map<string, FileLog>
  /** Files whose time limit ended. tap says each in place of the result of a file, not always of that one. */
  expired: string[]
  /** Failures of the step that belong to no file. */
  own: string[]
}

/** A comment of a group in `test/together`: the file whose tests come next. */
export const nextFile = (file: string): string => `tests of ${file}`

/** A comment of a group in `test/together`: there are no more files. */
export const noMoreFiles = 'those were all files'

/** Reads what tap, the suites of the cluster and the episodes of faults print. */
export const readLog = (stdout: string): Log => {
  const log: Log = { runs: 0, passed: 0, failed: 0, named: 0, leftOut: [], files: new Map(), expired: [], own: [] }
  let [file, isResult, details]: [FileLog, boolean, string?] = [newFile(''), false]
  for (const line of stdout.split('\n')) {
    partOf(file).lines.push(line)
    // a test may compare logs: what diagnostics show did not happen
    if (details !== undefined) {
      if (line === `${details}...`) details = undefined
      readDetail(log, file, line)
      continue
    }
    if (isResult) [, details] = /^( +)---$/.exec(line) ?? []
    isResult = /^ *(not )?ok\b/.test(line)
    const [, begun] = /^# Subtest: (.*\.ts)$/.exec(line) ?? []
    if (begun !== undefined) {
      file = newFile(begun)
      log.files.set(begun, file)
    } else if (isResult) readResult(log, file, line)
    else {
      readTotals(log, line)
      readComment(file, line)
    }
  }
  return log
}

const newPart = (file: string): Part => ({ file, passed: [], failed: [], failures: [], lines: [] })
const newFile = (file: string): FileLog => ({
  endedByItself: false,
  ranAll: false,
  parts: [newPart(file)]
})

/** The part that is shown at present. */
const partOf = ({ parts }: FileLog): Part => parts[parts.length - 1] as Part

/** Reads a line of diagnostics: those of a file, and of what stands beside files, are indented by two. */
const readDetail = (log: Log, file: FileLog, line: string): void => {
  if (line === '  exitCode: 1') file.endedByItself = true
  const [, expired] = /^ {2}expired: (.*)$/.exec(line) ?? []
  if (expired !== undefined) log.expired.push(expired)
}

const readTotals = (log: Log, line: string): void => {
  if (/^ +# Subtest: /.test(line)) log.named += 1
  const [, leftOut] = /^-- (\S+) (?:NOT RUN|SKIPPED): /.exec(line) ?? []
  if (leftOut !== undefined) log.leftOut.push(leftOut)
  if (!line.startsWith('# { total: ')) return
  const count = (what: string): number => Number(new RegExp(` ${what}: (\\d+)`).exec(line)?.[1] ?? 0)
  log.runs += 1
  log.passed += count('pass')
  log.failed += count('fail')
}

const nextLine = new RegExp(`^ {4}# ${nextFile('(.*)')}$`)

const readComment = (file: FileLog, line: string): void => {
  const [, begun] = /^ {4}# Subtest: (.*)$/.exec(line) ?? []
  if (begun !== undefined) partOf(file).failed.push(begun)
  const [, next] = nextLine.exec(line) ?? []
  if (next !== undefined) file.parts.push(newPart(next))
  if (line === `    # ${noMoreFiles}`) file.ranAll = true
}

const readResult = (log: Log, file: FileLog, line: string): void => {
  const [, indent = '', not, name = '', directive = ''] =
    /^( *)(not )?ok(?: \d+)?(?: - )?(.*?)(?: # (?:time=)?(.*))?$/.exec(line) ?? []
  const [isFailure, isWaived] = [not !== undefined, /^(SKIP|TODO)\b/.test(directive)]
  const part = partOf(file)
  if (indent === '') {
    const ended = log.files.get(name)
    if (ended !== undefined) ended.passed = !isFailure
    else if (isFailure && name !== 'timeout!') log.own.push(name)
  } else if (isFailure) {
    if (!isWaived) part.failures.push(name)
  } else if (indent.length === 4) {
    part.failed = part.failed.filter((other) => other !== name)
    if (!isWaived) part.passed.push(name)
  }
}
