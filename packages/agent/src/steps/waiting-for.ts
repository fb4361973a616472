import { type Check, passes } from '@joinery/protocol'

/** The text of `systemctl status` while the agent waits: the server's reason, and the names of the checks that fail here. */
export const waitingFor = (reason: string, preflight: readonly Check[]): string => {
  if (passes(preflight)) return reason
  const failing = preflight.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)
  const look = 'see joinery-agent preflight'
  // the server names the checks that it was told
  if (failing.every((name) => reason.includes(name))) return `${reason}; ${look}`
  return `${reason}; ${failing.join(', ')} ${failing.length === 1 ? 'fails' : 'fail'}: ${look}`
}
