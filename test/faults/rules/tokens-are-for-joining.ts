import type { EnrolmentDetail } from '@joinery/protocol'
import type { BootstrapToken } from '@joinery/server/testing/cluster'
import { type ClusterCall, type History, type Sighting, type Span, sightings } from '../history.ts'
import { walk } from './walk.ts'

/**
 * Every live token belongs to an attempt that is open, until its deadline. What a call that was late has made stays until the
 * server has swept in quiet: of two whole sweeps between which nothing failed, the second deletes it.
 */
export const tokensAreForJoining = (history: History): string[] => {
  const byToken = new Map(
    history.enrolments.flatMap((enrolment) => enrolment.attempts.map(({ tokenId }) => [tokenId, enrolment] as const))
  )
  const seen = Map.groupBy(sightings(history), ({ id }) => id)
  const sweeps = history.clusterCalls.filter(({ call }) => call === 'settleBannedLeases').map(({ done }) => done)
  return creations(history.clusterCalls).flatMap(({ token, made }) => {
    const enrolment = byToken.get(token.id)
    if (enrolment === undefined) return [`token ${token.id} belongs to no enrolment`]
    const number = enrolment.attempts.findIndex(({ tokenId }) => tokenId === token.id) + 1
    const whose = `token ${token.id} of attempt ${number} of ${enrolment.id}`
    const said: string[] = []
    const over = overAt(seen.get(enrolment.id) ?? [], number)
    if (made.sent > over) said.push(`${whose} was asked for after it was acknowledged that the attempt is over`)
    const deadline = Date.parse(enrolment.attempts[number - 1]?.deadline ?? '')
    if (token.expires.getTime() > deadline + tolerance) said.push(`${whose} outlives its deadline`)
    if (made.refused) return said
    const open = openSpan(enrolment, number)
    const live = { from: made.done, to: Math.min(deletedAt(history, token.id, made.done), token.expires.getTime()) }
    const outside = [
      { from: live.from, to: Math.min(live.to, open.from) },
      { from: Math.max(live.from, open.to), to: live.to }
    ]
    if (outside.some((span) => isSwept(span, sweeps, history.quiet)))
      said.push(`${whose} is there after the attempt is over, and was swept twice in quiet`)
    return said
  })
}

/** The server reads its own clock and the cluster's one after the other: a second of the host, in which it may have to wait. */
const tolerance = 60_000

const creations = (calls: readonly ClusterCall[]): { token: BootstrapToken; made: ClusterCall }[] =>
  calls.filter(({ call }) => call === 'createToken').map((made) => ({ token: made.args[0] as BootstrapToken, made }))

/** When it was first acknowledged that the attempt of that number is over. */
const overAt = (seen: readonly Sighting[], number: number): number =>
  Math.min(
    ...seen.filter(({ state, attempts }) => attempts === number && state !== 'joining').map(({ ended }) => ended),
    Number.POSITIVE_INFINITY
  )

const deletedAt = ({ clusterCalls }: History, tokenId: string, since: number): number =>
  Math.min(
    ...clusterCalls
      .filter(
        ({ call, args, refused, done }) => call === 'deleteToken' && args[0] === tokenId && !refused && done >= since
      )
      .map(({ done }) => done),
    Number.POSITIVE_INFINITY
  )

/** From the claim that began the attempt until the enrolment was no longer `joining`. */
const openSpan = ({ timeline, state }: EnrolmentDetail, number: number): Span => {
  const { after } = walk(timeline, state)
  const claims = timeline.flatMap(({ event }, at) => (event === 'claim' ? [at] : []))
  const begin = claims[number - 1]
  if (begin === undefined) return { from: 0, to: 0 }
  const end = after.findIndex((states, at) => at > begin && !states.includes('joining'))
  const time = (at: number): number => Date.parse(timeline[at]?.at ?? '')
  return { from: time(begin), to: end < 0 ? Number.POSITIVE_INFINITY : time(end) }
}

/** Two sweeps ended in it, and in between and since the first all was quiet: the second one began in it. */
const isSwept = ({ from, to }: Span, sweeps: readonly number[], quiet: readonly Span[]): boolean =>
  quiet.some((calm) => {
    const within = sweeps.filter((at) => at > Math.max(from, calm.from) && at < Math.min(to, calm.to))
    return within.length >= 2
  })
