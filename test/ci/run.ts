import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ledgerLine, neverAgain, openFlakes } from './flakes.ts'
import { type Played, play } from './play.ts'
import { failuresIn, type Log, readLog } from './read-log.ts'
import type { rows, Step } from './steps.ts'

/** What a run of CI needs from outside. */
export interface Ci {
  root: string
  rows: typeof rows
  /** `check`, which was played and shown before. */
  check: Played
  /** The command of a script, and the one that plays a test file by itself. */
  commandOf: (script: string) => readonly string[]
  again: (file: string) => readonly string[]
  env: NodeJS.ProcessEnv
  /** Of all that is drawn: what is played again has the same. */
  seed: number
  /**
   * File with the lines of flakes that passed on this host. Nobody may have read what those runs printed, so each later run is red until
   * the ledger has them.
   */
  memory: string
  commit: string
  date: string
  /** Ends the run, which has failed then. */
  signal: AbortSignal
  say: (text: string) => void
}

/** A step that ended. */
interface Result extends Played {
  script: string
  log: Log
  /**
   * Test files that tap did not see pass: one that it never began is among them. `name`: of a group of `test/together` the file whose test
   * failed first. `failures`: names of what failed.
   */
  unseen: { file: string; name: string; failures: string[] }[]
}

/** More files than these do not fail by chance in one run, so none of them is played again. */
const mostFlakes = 2

/**
 * A run of CI: the steps in their rows, then once more what may have failed by chance, then what failed, the minutes of each step and the
 * totals. The last line is `N passed, N failed`. Returns the exit status.
 */
export const runCi = async (ci: Ci): Promise<number> => {
  const named = openFlakes(readFileSync(join(ci.root, 'test/flakes.md'), 'utf8'))
  const kept = existsSync(ci.memory) ? readFileSync(ci.memory, 'utf8').trimEnd().split('\n') : []
  const before = kept.filter((line) => openFlakes(line).some((name) => !named.includes(name)))
  const known = [...named, ...openFlakes(before.join('\n'))]
  const makers = ci.rows.flat().flatMap(({ script, files }) => (files === undefined ? [script] : []))
  const results = [resultOf(ci, { script: 'check' }, ci.check)]
  for (const row of ci.rows) {
    if (ci.signal.aborted || results.some(({ script, isGreen }) => makers.includes(script) && !isGreen)) break
    results.push(...(await Promise.all(row.map((step) => playStep(ci, step)))))
  }
  const failed = results.flatMap(({ unseen }) => unseen)
  // why each failed file stays failed; a flake has no reason to
  const reasons = new Map<string, string>()
  const flakes: string[] = []
  for (const { file, name, failures } of failed) {
    const why =
      (ci.signal.aborted ? 'the run was ended' : undefined) ??
      (failed.length > mostFlakes ? `${failed.length} files failed, which is no chance` : undefined) ??
      neverAgain([file, name], failures) ??
      (known.includes(name) ? `${name} has failed by chance before` : undefined) ??
      (await playAgain(ci, file))
    if (why !== undefined) reasons.set(file, why)
    else flakes.push(ledgerLine({ ...ci, name }))
  }
  mkdirSync(dirname(ci.memory), { recursive: true })
  writeFileSync(ci.memory, `${[...before, ...flakes].join('\n')}\n`)
  const wrong = before.map((line) => `a flake of before: name it in test/flakes.md, or remove ${ci.memory}\n${line}`)
  if (ci.signal.aborted) wrong.push('the run was ended before its end')
  return lastWords(ci, results, { flakes, reasons, wrong })
}

/** Plays a step, and shows what it printed when it ends. */
const playStep = async (ci: Ci, step: Step): Promise<Result> => {
  const { root: cwd, signal, env } = ci
  ci.say(`-- pnpm ${step.script} begins\n`)
  const result = resultOf(ci, step, await play(ci.commandOf(step.script), { cwd, env, signal }))
  ci.say(`== pnpm ${step.script}\n${result.output}`)
  return result
}

const resultOf = ({ root }: Pick<Ci, 'root'>, { script, files = [] }: Step, played: Played): Result => {
  const log = readLog(played.stdout)
  const unseen = globSync(files, { cwd: root })
    .filter((file) => !log.files.has(file))
    .sort()
    .map((file) => {
      const failures = log.failures.get(file) ?? []
      return { file, name: failures[0]?.file ?? file, failures: failures.map(({ name }) => name) }
    })
  return { ...played, script, log, unseen, isGreen: played.isGreen && unseen.length === 0 }
}

/** Plays a file once more, as tap ran it. Returns why it stays failed. */
const playAgain = async ({ root: cwd, again, env, signal, say }: Ci, file: string): Promise<string | undefined> => {
  const { isGreen, stdout, output } = await play(again(file), { cwd, env, signal })
  say(`== once more: ${file}\n${output}`)
  return isGreen && readLog(stdout).files.has(file) ? undefined : 'it failed again'
}

/** What was decided about what failed. */
interface Verdict {
  flakes: readonly string[]
  reasons: ReadonlyMap<string, string>
  /** What else makes the run red, each a line. */
  wrong: readonly string[]
}

/** Says the end of a run, and gives its exit status. A step counts as passed if all that failed in it were flakes. */
const lastWords = (ci: Ci, results: readonly Result[], { flakes, reasons, wrong }: Verdict): number => {
  const lines: string[] = []
  const totals = { passed: 0, failed: wrong.length }
  for (const { script, isGreen, log, unseen, output } of results) {
    const isRed = !isGreen && (unseen.length === 0 || unseen.some(({ file }) => reasons.has(file)))
    if (isRed) lines.push(`== what failed in pnpm ${script}`, failuresIn(output))
    totals.passed += log.passed + (isRed ? 0 : log.failed) + Number(isGreen && log.runs === 0)
    totals.failed += isRed ? Math.max(1, log.failed) : 0
  }
  for (const line of flakes) lines.push('== FLAKE, for the table of test/flakes.md:', line)
  for (const [file, why] of reasons) lines.push(`FAILED ${file}: ${why}`)
  lines.push(...wrong, ...results.map(({ script, minutes }) => `${minutes.toFixed(1)} min: pnpm ${script}`))
  lines.push(`seed ${ci.seed}; what follows counts assertions, and each step without tests as one`)
  lines.push(`${totals.passed} passed, ${totals.failed} failed`)
  ci.say(`${lines.join('\n')}\n`)
  return totals.failed > 0 ? 1 : 0
}
