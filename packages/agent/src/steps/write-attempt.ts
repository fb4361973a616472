import type { Attempt, JournalFile } from '../journal/journal.ts'
import type { Situation } from '../plan/plan.ts'

/** Journals a part of the present attempt, beside what was known when the step was planned. */
export const writeAttempt = async (
  journal: JournalFile,
  { journal: { attempt, ...rest } }: Situation,
  part: Partial<Attempt>
): Promise<void> => {
  if (attempt !== undefined) await journal.write({ ...rest, attempt: { ...attempt, ...part } })
}
