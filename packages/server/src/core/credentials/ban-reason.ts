/** Reason on the ban list for a name that the server banned for this enrolment. */
export const banReason = (enrolment: string, why: string): string => `enrolment ${enrolment}: ${why}`

/** Reason on the ban list for a name that makes room for this enrolment. */
export const roomReason = (enrolment: string): string => `replaced by enrolment ${enrolment}`

export interface BannedFor {
  /** The id of the enrolment. */
  enrolment: string
  /** True if the name was banned to be free for the enrolment. False if the enrolment itself was banned. */
  room: boolean
}

/** The enrolment that the server banned the name for. Undefined if others banned it: their ban stays as long as they want. */
export const bannedFor = (reason: string): BannedFor | undefined => {
  const room = /^replaced by enrolment (\S+)/.exec(reason)?.[1]
  if (room !== undefined) return { enrolment: room, room: true }
  const enrolment = /^enrolment ([^\s:]+)(?:: | is )/.exec(reason)?.[1]
  return enrolment === undefined ? undefined : { enrolment, room: false }
}
