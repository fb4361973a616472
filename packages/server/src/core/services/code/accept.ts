import type { Clock } from '../../base/clock.ts'
import type { Commits } from '../../commit/commits.ts'
import { entry, entryBy } from '../../enrolment/decision/decision.ts'
import type { CommitResult, Decided } from '../../ports/store/change.ts'
import { type Asked, inWords, type NewCodeParts, newCode, requireCode, warningsOf } from './new-code.ts'

export interface AcceptParts extends NewCodeParts {
  commits: Pick<Commits, 'append'>
  clock: Clock
}

/** A code that an operator made on another machine, and of which only the hash came here, in a Code of the cluster. */
export interface MadeElsewhere {
  asked: Asked
  hash: string
  expires: Date
  /** Uid of the Code. */
  uid: string
  /** Name of the Kubernetes user who made it. */
  by: string
  /** Settles the Code in the same commit. */
  decided: Decided
}

/**
 * Takes in a code that was made elsewhere, and settles its Code. The hash is the id too, so that the Code and the code have one
 * name. Its warnings are kept, for nobody waits for the answer. Throws what `requireCode` throws, and `cluster-unavailable`.
 */
export const accept =
  (parts: AcceptParts) =>
  async ({ asked, hash, expires, uid, by, decided }: MadeElsewhere): Promise<CommitResult> => {
    await requireCode(parts, asked)
    const now = parts.clock.now()
    const warnings = await warningsOf(parts, asked, now)
    const object = { uid, ...(warnings.length > 0 && { warnings }) }
    const agentPackage = await parts.packages.current()
    const { credential } = parts
    const chosen = { id: hash, hash, expires: expires.toISOString(), object, credential, package: agentPackage?.sha256 }
    const code = newCode(asked, chosen, now)
    const created = entryBy(
      { by },
      entry(now, 'operator', 'create', `${inWords(code)}; by the Code with the uid ${uid}`)
    )
    return parts.commits.append({ codes: [code], entries: [{ subject: code.id, entry: created }], decided })
  }
