import type { Asked, Seen } from '../seen.ts'

/**
 * After a restore nobody gets anything by what was taken away before it: no machine that was rejected claims, and no code that was
 * revoked is accepted, unless an operator says so again.
 */
export const givenAfterRestore = ({ asked, restores }: Seen): string[] => {
  const isTold = (call: Asked['call'], about: string | undefined, by: number): boolean =>
    asked.some((one) => one.call === call && one.about === about && one.problem === undefined && (one.told ?? by) < by)
  const isApproved = (about: string | undefined, since: number): boolean =>
    asked.some((one) => one.call === 'approve' && one.about === about && one.asked > since)
  return asked.flatMap((one) => {
    const restore = restores.findLast(({ at }) => at < one.asked)
    if (restore === undefined || one.told === undefined || one.problem !== undefined) return []
    const { at } = restore
    if (one.given !== undefined && isTold('reject', one.about, at) && !isApproved(one.about, at)) {
      return [
        `${one.about} was rejected before the restore at ${at}, and got a token at ${one.told} from ${one.process}`
      ]
    }
    if (one.isNew === true && isTold('revoke', one.about, at)) {
      return [
        `the code ${one.about} was revoked before the restore at ${at}, and accepted at ${one.told} by ${one.process}`
      ]
    }
    return []
  })
}
