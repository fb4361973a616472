/** What the ban list says of a name that the server banned for this enrolment. */
export const banReason = (enrolment: string, why: string): string => `enrolment ${enrolment}: ${why}`

/** The same of a name that makes room for this enrolment. */
export const roomReason = (enrolment: string): string => `replaced by enrolment ${enrolment}`

export interface BannedFor {
  /** The id of the enrolment. */
  enrolment: string
  /** The name was to be free for it; else it is the one that was banned. */
  room: boolean
}

/** For which enrolment the server banned the name. Undefined: others banned it, and theirs stays as long as they want. */
export const bannedFor = (reason: string): BannedFor | undefined => {
  const room = /^replaced by enrolment (\S+)/.exec(reason)?.[1]
  if (room !== undefined) return { enrolment: room, room: true }
  const enrolment = /^enrolment ([^\s:]+)(?:: | is )/.exec(reason)?.[1]
  return enrolment === undefined ? undefined : { enrolment, room: false }
}
