import { ProblemError, problems } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Commits } from '../../../core/commit/commits.ts'
import type { Decided } from '../../../core/ports/store/change.ts'
import type { ObjectsAsked } from '../../../core/ports/store/objects-asked.ts'

type Results = Pick<ObjectsAsked, 'decided'>

/** The reason why an object is refused, and what to do about it. */
export type Refusal = Pick<ProblemError, 'code' | 'message' | 'text'>

/**
 * The refusal of what may be forged. Who made it cannot be known, not even when the policy is there again. `unknown`: the thing that nobody
 * knows, and what to do.
 */
export const forgery = (policy: string, unknown: string): ProblemError =>
  new ProblemError('cluster-unsafe', {
    detail: `the policy ${policy} was missing when this was made or read, so nobody knows ${unknown}`,
    remedy: 'joinery cluster doctor'
  })

/** Writes that an object was refused, so that nobody judges it again. Returns the result that the store has by then. */
export const writeRefusal = async (
  { asked, commits }: { asked: Results; commits: Pick<Commits, 'append'> },
  uid: string,
  { code, message, text: { remedy } }: Refusal,
  now: Date
): Promise<Decided | undefined> => {
  const refused: Decided = {
    uid,
    result: 'refused',
    code,
    message: plain(message),
    ...given({ remedy: remedy && plain(remedy) }),
    at: now.toISOString()
  }
  return (await commits.append({ decided: refused })) === 'committed' ? refused : resultOf(asked, uid)
}

/** Result that the store has for the object with this uid. */
export const resultOf = async (asked: Results, uid: string): Promise<Decided | undefined> =>
  (await asked.decided([uid]))[0]

/** True if the object is refused by this. After other errors it stays open: later store or cluster may do what is right. */
export const isRefusal = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && problems[error.code].status < 500

/** Text that fits a status: without control characters, and not too long. */
export const plain = (text: string): string =>
  text
    .replace(/\p{C}/gu, '?')
    .slice(0, 512)
    .replace(/\p{C}$/u, '')
