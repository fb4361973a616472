import { escapeText } from '@joinery/protocol'
import type { SeenEnrolment } from '../../operator-client.ts'
import { moment } from '../../terminal/times.ts'

/**
 * Note on how long the former machine could use the name with its kubelet's certificate. Undefined if no machine had
 * the name before.
 */
export const formerCertificate = ({ name, former }: SeenEnrolment, replaced: boolean): string | undefined => {
  if (former === undefined && !replaced) return undefined
  const { certificateExpires: expires } = former ?? {}
  const until = expires === undefined ? 'up to a year' : `until ${moment(expires)}, longer if it was renewed`
  return escapeText(
    `${name} was another machine's: its kubelet's certificate is good for the name ${until}. The ban of the name ends when the new machine claims.`
  )
}
