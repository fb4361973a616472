import { commitOf } from '../../ci/git.ts'
import type { Built } from '../bed/build.ts'
import { suites } from '../order/suites.ts'
import { decideSkips, receiptsAfter } from './decide-skips.ts'
import { keysOf } from './inputs.ts'
import { dropProposal, proposeReceipts, readReceipts } from './receipts-file.ts'

export interface SkippedSuites {
  /** Names of the suites that passed with the same inputs, each with the commit at which it did. */
  skipped: ReadonlyMap<string, string>
  /** Proposes receipts of all suites. It is for a run in which each suite passed or was skipped. */
  propose(): Promise<void>
}

/** All that are chosen are played, and prove nothing for later. */
export const nothingSkipped: SkippedSuites = { skipped: new Map(), propose: async () => {} }

/**
 * skippedSuites decides which suites CI need not play, since they passed with the same inputs in a run that was green as a whole. With
 * JOINERY_ALL=1 none is skipped.
 */
export const skippedSuites = async (
  root: string,
  cache: string,
  built: Built,
  env: NodeJS.ProcessEnv
): Promise<SkippedSuites> => {
  await dropProposal(cache)
  const keys = await keysOf(
    root,
    suites.map(({ name }) => name),
    built
  )
  const receipts = await readReceipts(cache)
  const skipped: ReadonlyMap<string, string> = env.JOINERY_ALL === '1' ? new Map() : decideSkips(suites, keys, receipts)
  const after = receiptsAfter(receipts, keys, skipped, commitOf(root))
  return { skipped, propose: () => proposeReceipts(cache, after) }
}
