import { linkLasts } from './guard/entrance.ts'

/** Milliseconds after which a console ends that no page uses. */
export const idleLasts = 30 * 60_000

/** The state of a console. Times are milliseconds of the monotonic clock. */
export interface ConsoleState {
  began: number
  /** Time of the last request of somebody who has come in. Absent if nobody has. */
  used?: number
  /** Number of pages that listen. */
  pages: number
  lifetime: number
}

export type ConsoleEnd = 'lifetime' | 'idle' | 'link-not-used'

/** The reason for which a console must end now. Undefined if it goes on. */
export const decideEnd = ({ began, used, pages, lifetime }: ConsoleState, now: number): ConsoleEnd | undefined => {
  if (now - began >= lifetime) return 'lifetime'
  if (used === undefined) return now - began >= linkLasts ? 'link-not-used' : undefined
  return pages === 0 && now - used >= idleLasts ? 'idle' : undefined
}
