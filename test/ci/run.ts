import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ci } from './ci.ts'
import { openFlakes } from './flakes/ledger.ts'
import { readMemory, recall, remember, writeMemory } from './flakes/memory.ts'
import { isWorkedOff } from './flakes/removals.ts'
import { replayAll } from './flakes/replay.ts'
import { lastWords } from './last-words.ts'
import { runSteps } from './run-steps.ts'

/**
 * A run of CI: all steps, then once more what may have failed by chance, then the totals. The last line is `N passed, N failed`, or
 * `N passed, N failed, N skipped`. Returns the exit status.
 */
export const runCi = async (ci: Ci): Promise<number> => {
  const open = openFlakes(readFileSync(join(ci.root, 'test/flakes.md'), 'utf8'))
  const { memory: kept, broken } = await readMemory(ci.memory)
  if (broken !== undefined) ci.say(`${broken}: no flake of before is remembered\n`)
  const memory = recall(kept, open, (one) => isWorkedOff(ci.root, one))

  const results = await runSteps(ci)
  const failed = results.flatMap((result) => result.failed)
  let verdicts = await replayAll(ci, failed, open, memory)
  const wrong = memory
    .filter(({ isNamed }) => !isNamed)
    .map(
      ({ name, commit, date, entry = '' }) =>
        `${name} passed only when played again, at ${commit} on ${date}: name it in test/flakes.md\n${entry}`
    )
  if (ci.signal.aborted) wrong.push('the run was ended before its end')

  const passed = [...verdicts.values()].flatMap(({ flake }) => flake ?? [])
  try {
    const now = [...memory, ...passed.map((flake) => remember(flake))]
    if (JSON.stringify(now) !== JSON.stringify(kept)) await writeMemory(ci.memory, now)
  } catch (error) {
    // else it would pass each time
    wrong.push(`no flake passes that cannot be remembered: ${error}`)
    verdicts = new Map()
  }
  const { text, failed: count } = lastWords({ results, verdicts, wrong, ...ci })
  if (count === 0 && passed.length === 0) await ci.proved()
  ci.say(text)
  return count > 0 ? 1 : 0
}
