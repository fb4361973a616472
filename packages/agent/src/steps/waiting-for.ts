import { type Check, passes } from '@joinery/protocol'
import type { Progress } from '../prefetch/prefetch.ts'

/**
 * The text of `systemctl status` while the agent waits: the server's reason, the names of the checks that fail here, and how many images
 * are here already, or are left to the kubelet.
 */
export const waitingFor = (reason: string, preflight: readonly Check[], progress?: Progress): string => {
  return `${reason}${inTheWay(reason, preflight)}${progress ? pulledOf(progress) : ''}`
}

const pulledOf = ({ here, of, left }: Progress): string =>
  `; pulled ${here} of ${of} images that this cluster's nodes run${left > 0 ? `, ${left} left to the kubelet` : ''}`

const inTheWay = (reason: string, preflight: readonly Check[]): string => {
  if (passes(preflight)) return ''
  const failing = preflight.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)
  const look = 'see joinery-agent preflight'
  // the server names the checks that it was told
  if (failing.every((name) => reason.includes(name))) return `; ${look}`
  return `; ${failing.join(', ')} ${failing.length === 1 ? 'fails' : 'fail'}: ${look}`
}
