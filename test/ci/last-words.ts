import { ledgerEntry } from './flakes/ledger.ts'
import type { Verdict } from './flakes/replay.ts'
import type { FailedFile } from './log/failed-files.ts'
import { countOf, failuresIn, type Result } from './log/result.ts'
import { type Run, runLine } from './runs.ts'

/** What a run has come to. */
export interface Ended extends Pick<Run, 'commit' | 'date' | 'load'> {
  results: readonly Result[]
  verdicts: ReadonlyMap<FailedFile, Verdict>
  /** What else makes the run red, each a line. */
  wrong: readonly string[]
}

/**
 * The end of a run: what failed, with its diagnostics; each flake with both outputs, and what to write down; the totals. A step counts as
 * passed if all that failed in it were flakes. The last line but one has the flakes, the last one the totals.
 */
export const lastWords = ({ results, verdicts, wrong, ...run }: Ended): { text: string; failed: number } => {
  const whyOf = (one: FailedFile): string | undefined => (verdicts.get(one) ?? { why: 'it was not played again' }).why
  const flakes = [...verdicts.values()].flatMap(({ flake }) => flake ?? [])
  const isByChance = ({ failed, log }: Result): boolean =>
    failed.length > 0 && log.own.length === 0 && failed.every((one) => whyOf(one) === undefined)

  const lines: string[] = []
  const totals = { passed: 0, failed: wrong.length }
  for (const result of results) {
    const { passed, failed } = countOf(result)
    const isRed = !result.isGreen && !isByChance(result)
    totals.passed += isRed ? passed : passed + failed
    totals.failed += isRed ? failed : 0
    if (isRed) lines.push(`== what failed in pnpm ${result.script}`, failuresIn(result.output))
    for (const one of result.failed) {
      const why = whyOf(one)
      if (why !== undefined) lines.push(`FAILED ${one.file}: ${why}`)
    }
  }
  for (const flake of flakes) {
    const { line, details } = ledgerEntry(flake)
    lines.push(`== FLAKE ${flake.name}: for the table of test/flakes.md, and below it`, line, '', details)
  }
  lines.push(...wrong)

  const sum = (count: (result: Result) => number): number => results.reduce((all, one) => all + count(one), 0)
  const skipped = sum(({ log }) => log.leftOut.length)
  lines.push(
    'a line for test/runs.md:',
    runLine({ ...run, ...totals, what: '`.ci/run`', flakes: flakes.length }),
    `${sum(({ log }) => log.named)} named tests; what follows counts their assertions, and each step without tests as one`
  )
  if (skipped > 0)
    lines.push(`${skipped} suites of the cluster were not run: the lines above say why, behind their names`)
  lines.push(`flakes: ${flakes.map(({ name }) => name).join(', ') || 'none'} (${flakes.length})`)
  lines.push(`${totals.passed} passed, ${totals.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  return { text: `${lines.join('\n')}\n`, failed: totals.failed }
}
