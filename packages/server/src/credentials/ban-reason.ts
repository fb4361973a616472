/** What the ban list says of a name that the server banned for this enrolment. */
export const banReason = (enrolment: string, why: string): string => `enrolment ${enrolment}: ${why}`

/** The same of a name that makes room for this enrolment. */
export const roomReason = (enrolment: string): string => `replaced by enrolment ${enrolment}`

/**
 * For which enrolment the server banned the name: empty where it made room for one. Undefined: others did, and theirs stays as
 * long as they want.
 */
export const bannedFor = (reason: string): string | undefined => {
  if (reason.startsWith(roomReason(''))) return ''
  return /^enrolment ([^\s:]+)(?:: | is )/.exec(reason)?.[1]
}
