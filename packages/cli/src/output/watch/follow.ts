import type { Change, Following } from '../../follow/following.ts'
import type { Session } from '../../session/session.ts'
import { untilAnswered } from './until-answered.ts'

/** Takes each change until `take` says that it is over. The first one must come: after it, a server that is away is no reason to end. */
export const follow = async <T extends { id: string }>(
  following: Following<T>,
  take: (change: Change<T>) => boolean,
  { terminal }: Session
): Promise<void> => {
  let change: Change<T> | undefined = await following.next()
  while (!take(change)) change = await untilAnswered(terminal, () => following.next(), { since: 'failed' })
}
