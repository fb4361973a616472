import { type History, isAcknowledged, mayBeDone, type Sighting, sightings } from '../history.ts'
import { leadsTo } from './walk.ts'

/** No credential without approval, and none after the end: of the key that claims, and of the enrolment as it was last seen. */
export const approvedBeforeGiven = (history: History): string[] => {
  const { exchanges, enrolments } = history
  const byToken = new Map(
    enrolments.flatMap(({ id, attempts }) => attempts.map(({ tokenId }) => [tokenId ?? '', id] as const))
  )
  const seen = Map.groupBy(sightings(history), ({ id }) => id)
  const approvals = Map.groupBy(
    exchanges.filter((one) => (one.call === 'approve' || one.call === 'retry') && mayBeDone(one)),
    ({ reference }) => reference
  )
  const claims = exchanges.filter((one) => one.call === 'claim' && isAcknowledged(one))
  return claims.flatMap(({ key, text = '', sent, ended }) => {
    const tokenId = String(JSON.parse(text).token).slice(0, 6)
    const id = byToken.get(tokenId)
    if (id === undefined) return [`${key} has token ${tokenId}, which no enrolment has`]
    const before = lastSeen(seen.get(id) ?? [], sent)
    const since = before !== undefined && waiting.includes(before.state) ? before.sent : 0
    const isApproved = (approvals.get(id) ?? []).some(
      (one) => (one.body as { key: string }).key === key && one.sent < ended && one.ended > since
    )
    if (!isApproved) return [`${key} has token ${tokenId} of ${id}, and nobody approved that key`]
    if (before !== undefined && !leadsTo(before.state, 'joining'))
      return [`${key} has token ${tokenId} of ${id}, which was acknowledged as ${before.state}`]
    return []
  })
}

/** Of these an approval is needed once more. */
const waiting: readonly string[] = ['pending', 'frozen', 'expired', 'failed']

/** The newest that was acknowledged before that time, as agents are told. */
const lastSeen = (seen: readonly Sighting[], at: number): Sighting | undefined =>
  seen
    .filter(({ side, ended }) => side === 'agent' && ended < at)
    .reduce<Sighting | undefined>((last, one) => (last && last.revision > one.revision ? last : one), undefined)
