import type { Decide, Enrolments } from '../commit/enrolments.ts'
import type { Credentials } from '../credentials/credentials.ts'

export interface TriedParts {
  enrolments: Pick<Enrolments, 'change' | 'tryChange'>
  credentials: Pick<Credentials, 'settle' | 'settleSoon'>
}

/** The parts of a verb that is only tried: what it would commit is refused or not, and nothing else comes of it. */
export const trying = <P extends TriedParts>(parts: P): P & { onlyTried: true } => {
  const { enrolments } = parts
  return {
    ...parts,
    enrolments: { ...enrolments, change: (id: string, decide: Decide) => enrolments.tryChange(id, decide) },
    credentials: { settle: async () => {}, settleSoon: async () => {} },
    onlyTried: true
  }
}
