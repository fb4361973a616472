import { type Code, hasEnded } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import type { Commits } from '../../commit/commits.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import { decideCodeRevoked, type Revoker, revocation } from '../../enrolment/decision/conflict.ts'
import { type Asker, entryBy, signed } from '../../enrolment/decision/decision.ts'
import { codeView } from '../../enrolment/views.ts'
import { type FindParts, findCode } from './reading.ts'

export interface RevokeParts extends FindParts {
  commits: Pick<Commits, 'append'>
  clock: Clock
  enrolments: Enrolments
}

/**
 * Revokes a code: what is left of its uses ends. If a code for one machine was used, no second key freezes the enrolment any
 * more. The machine that used it goes on; an operator rejects it if it is the wrong one.
 */
export const revoke =
  (parts: RevokeParts) =>
  (id: string, asker: Asker = {}): Promise<Code> =>
    revokeBy(parts, id, 'operator', asker)

/** The code as `revoke` would leave it. Nothing changes. */
export const tryRevoke =
  (parts: FindParts & Pick<RevokeParts, 'clock'>) =>
  async (id: string): Promise<Code> => {
    const code = await findCode(parts, id)
    const now = parts.clock.now()
    return codeView({ ...code, revoked: code.revoked ?? now.toISOString() }, now)
  }

/** Revokes a code, since somebody deleted its Code. Who that was, the cluster does not say. */
export const revokeDeleted =
  (parts: RevokeParts) =>
  (id: string): Promise<Code> =>
    revokeBy(parts, id, 'cluster', {})

const revokeBy = async (parts: RevokeParts, id: string, by: Revoker, asker: Asker): Promise<Code> => {
  const { store, commits, clock, enrolments } = parts
  for (;;) {
    const code = await findCode(parts, id)
    const now = clock.now()
    if (code.revoked !== undefined) return codeView(code, now)
    const used = code.enrolment === undefined ? undefined : await store.enrolment(code.enrolment)
    const revoked = { ...code, revoked: now.toISOString() }
    const said = entryBy(asker, revocation(by, '', now))
    const change = { codes: [revoked], entries: [{ subject: code.id, entry: said }] }
    const committed =
      used === undefined || hasEnded(used)
        ? (await commits.append(change)) === 'committed'
        : (await enrolments.commit(signed(asker, decideCodeRevoked(used, by, now)), change)) !== undefined
    if (committed) return codeView(revoked, now)
  }
}
