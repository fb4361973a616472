import type { Asked, Restore, Seen } from '../seen.ts'
import { isUnseen } from './unseen-restore.ts'

/**
 * After a restore nobody gets anything by what was taken away before it: no machine that was rejected claims, and no code that was
 * revoked is accepted, unless an operator says so again, or no server could see that there was a restore.
 */
export const givenAfterRestore = (seen: Seen): string[] => {
  const { asked, restores } = seen
  const isTold = (call: Asked['call'], about: string | undefined, by: number): boolean =>
    asked.some((one) => one.call === call && one.about === about && one.problem === undefined && (one.told ?? by) < by)
  const isApproved = (about: string | undefined, since: number): boolean =>
    asked.some((one) => one.call === 'approve' && one.about === about && one.asked > since)
  return asked.flatMap((one) => {
    const restore: Restore | undefined = restores.findLast(({ at }) => at < one.asked)
    if (restore === undefined || one.told === undefined || one.problem !== undefined) return []
    const { at } = restore
    const { process, told, about } = one
    if (one.given !== undefined && isTold('reject', about, at) && !isApproved(about, at)) {
      if (isUnseen(seen, restore, { process, told })) return []
      return [`${about} was rejected before the restore at ${at}, and got a token at ${told} from ${process}`]
    }
    if (one.isNew === true && isTold('revoke', about, at)) {
      if (isUnseen(seen, restore, { process, told })) return []
      return [`the code ${about} was revoked before the restore at ${at}, and accepted at ${told} by ${process}`]
    }
    return []
  })
}
