import { type Enrolment, escapeText } from '@joinery/protocol'
import { moment } from '../../terminal/times.ts'

/** How long who had the name before could come back by the certificate of its kubelet; undefined where nobody had it. */
export const formerCertificate = ({ name, former }: Enrolment, replaced: boolean): string | undefined => {
  if (former === undefined && !replaced) return undefined
  const { certificateExpires: expires } = former ?? {}
  const until = expires === undefined ? 'up to a year' : `until ${moment(expires)}, longer if it was renewed`
  return escapeText(
    `${name} was another machine's: its kubelet's certificate is good for the name ${until}. The ban of the name ends when the new machine claims.`
  )
}
