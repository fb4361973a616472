import type { JournalFile } from './journal.ts'
import type { Exec } from './machine/exec.ts'
import type { Files } from './machine/files.ts'
import { cleanUp } from './machine/kubeadm/clean-up.ts'

/**
 * Takes away what a join of this agent left in the network, by what the journal says was there before it. Gives what it did, in
 * words: nothing where no attempt of this machine failed and was reported, and no earlier join is being taken back.
 */
export const cleanUpAttempt = async (journal: JournalFile, files: Files, exec: Exec): Promise<string[]> => {
  const { attempt, joined } = await journal.read()
  if (joined?.resetting) return cleanUp(files, exec, joined.before)
  if (attempt?.failure === undefined || !attempt.reported) return []
  return cleanUp(files, exec, attempt.before)
}
