import type { Ci } from '../ci.ts'
import { type FailedFile, refusesReplay } from '../log/failed-files.ts'
import { readLog } from '../log/read-log.ts'
import { failuresIn } from '../log/result.ts'
import { play } from '../play.ts'
import type { Flake } from './ledger.ts'
import { type Remembered, refusesFlake } from './memory.ts'
import { neverAgain } from './never-again.ts'

/** What a failed file comes to: why it stays failed, or a flake, or neither if nobody had seen it fail. */
export interface Verdict {
  why?: string
  flake?: Flake
}

/** More files than these do not fail by chance in one run, so none of them is played again. */
const mostFlakes = 2

/** Plays each failed file once more, by itself, unless a rule refuses that. `open` and `memory` are the flakes that are known. */
export const replayAll = async (
  ci: Ci,
  failed: readonly FailedFile[],
  open: readonly string[],
  memory: readonly Remembered[]
): Promise<Map<FailedFile, Verdict>> => {
  const verdicts = new Map<FailedFile, Verdict>()
  const seen = failed.filter(({ isLost }) => !isLost).length
  for (const one of failed) {
    const why =
      (ci.signal.aborted ? 'the run was ended' : undefined) ??
      (seen > mostFlakes ? `${seen} files failed, which is no chance` : undefined) ??
      neverAgain(one, ci.loads) ??
      refusesFlake(one.file, open, memory)
    verdicts.set(one, why === undefined ? await replay(ci, one) : { why })
  }
  return verdicts
}

/**
 * Plays a file by itself. One of a group is also played with its group: if the others made it fail, it fails there each time. What the
 * others do then is not judged.
 */
const replay = async (ci: Ci, failed: FailedFile): Promise<Verdict> => {
  const { root, signal, again, env, secondsLeft, say, commit, date } = ci
  let outputs = ''
  for (const file of new Set([failed.file, failed.process])) {
    const seconds = Math.floor(secondsLeft())
    if (seconds < 1) return { why: 'there was no time to play it again' }
    say(`== once more: ${file}\n`)
    const { isGreen, stdout, output } = await play(again(file, seconds), { cwd: root, env: env(), signal, show: say })
    const why = refusesReplay(failed, file, isGreen, readLog(stdout))
    if (why !== undefined) return { why }
    outputs += output
  }
  if (failed.isLost) return {}
  return { flake: { name: failed.file, commit, date, first: failuresIn(failed.output), again: outputs } }
}
