import { type Exchange, type History, isAcknowledged, mayBeDone } from '../history.ts'

/**
 * A store that went back in time gives nothing to a machine that was rejected since: its key gets a credential only if an operator approves
 * it again.
 */
export const rejectedStayOut = ({ exchanges, restored }: History): string[] => {
  if (restored === undefined) return []
  const rejections = exchanges.filter((one) => one.call === 'reject' && one.ended < restored && isAcknowledged(one))
  return rejections.flatMap(({ reference, text = '' }) => {
    const { key } = JSON.parse(text) as { key: string }
    const given = exchanges.find(
      (one) => one.call === 'claim' && one.key === key && one.sent > restored && isAcknowledged(one)
    )
    if (given === undefined || isApprovedAgain(exchanges, key, restored, given.ended)) return []
    return [`${reference} was rejected, the log was put back, and ${key} has a credential that nobody approved since`]
  })
}

const isApprovedAgain = (exchanges: readonly Exchange[], key: string, from: number, to: number): boolean =>
  exchanges.some(
    (one) =>
      (one.call === 'approve' || one.call === 'retry') &&
      mayBeDone(one) &&
      (one.body as { key: string }).key === key &&
      one.ended > from &&
      one.sent < to
  )
