/** A comment of a group in `test/together`: the file whose tests come next. */
export const nextFile = (file: string): string => `tests of ${file}`

/** What the standard output of a step says of its tests. */
export interface Log {
  /** Assertions that passed and failed. */
  passed: number
  failed: number
  /** How many runs of tap have said their totals. */
  runs: number
  /** Test files that tap saw pass. */
  files: Set<string>
  /** Of a file that tap ran, what failed in it at any depth: the file of each failure, which a group names, and its name. */
  failures: Map<string, { file: string; name: string }[]>
}

const nextLine = new RegExp(`^ {4}# ${nextFile('(.*)')}$`)

/** Reads what tap prints. A failure that a test itself expects (`# TODO`, `# SKIP`) is none. */
export const readLog = (stdout: string): Log => {
  const log: Log = { passed: 0, failed: 0, runs: 0, files: new Set(), failures: new Map() }
  let [process, file] = ['', '']
  for (const line of withoutDiagnostics(stdout.split('\n'))) {
    const begun = /^# Subtest: (.*\.ts)$/.exec(line)?.[1]
    if (begun !== undefined) [process, file] = [begun, begun]
    file = nextLine.exec(line)?.[1] ?? file
    if (line.startsWith('# { total: ')) addTotals(log, line)
    const [, indent, not, name = ''] = /^( *)(not )?ok(?: \d+)?(?: - )?(.*)$/.exec(line) ?? []
    if (indent === undefined || / # (SKIP|TODO)\b/.test(name)) continue
    const failures = log.failures.get(process) ?? []
    if (not !== undefined && indent !== '') log.failures.set(process, [...failures, { file, name }])
    if (not === undefined && indent === '') log.files.add(name.replace(/ # time=.*$/, ''))
  }
  return log
}

/** A test may compare logs: what the diagnostics of a result show did not happen. */
const withoutDiagnostics = function* (lines: readonly string[]): Generator<string> {
  let [isResult, details] = [false, undefined as string | undefined]
  for (const line of lines) {
    if (isResult) details = /^( +)---$/.exec(line)?.[1]
    isResult = details === undefined && /^ *(not )?ok\b/.test(line)
    if (details === undefined) yield line
    else if (line === `${details}...`) details = undefined
  }
}

const addTotals = (log: Log, line: string): void => {
  const count = (what: string): number => Number(new RegExp(` ${what}: (\\d+)`).exec(line)?.[1] ?? 0)
  log.runs += 1
  log.passed += count('pass')
  log.failed += count('fail')
}

/**
 * Each failed test of an output, with its diagnostics, or the end of the output if it names none. Whoever sees only the last lines of a
 * run finds the cause there.
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
