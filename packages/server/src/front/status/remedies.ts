import { type ProblemError, problems } from '@joinery/protocol'
import type { CredentialLifetime } from '../../core/ports/cluster/cluster.ts'
import { inClockWords } from '../../core/ports/cluster/cluster-clock.ts'
import { type LeafFindings, leafRemedies } from './leaf-remedies.ts'

export interface Findings {
  /** Problems of store, cluster and agent package now. */
  failing: readonly ProblemError[]
  /** Time by the cluster's clock. */
  clusterNow: Date
  /** See `clockAhead`. */
  clockAhead: number | undefined
  /** Lifetime of the server's own token for the cluster, if it has one. */
  credential: CredentialLifetime | undefined
  leaf: LeafFindings
  /** The state folder. */
  state: string
}

/** One sentence with a command for each thing that needs a person. */
export const remedies = (
  { failing, credential, clusterNow, clockAhead, leaf, state }: Findings,
  now: Date
): string[] => [
  ...failing.map((problem) => `${problems[problem.code].title}: ${problem.message}; ${remedyOf(problem, state)}`),
  ...(credential !== undefined && nearEnd(credential, clusterNow)
    ? [
        `The server's token for the cluster ends at ${credential.expires.toISOString()} and was not renewed; joinery-server setup --kubeconfig /etc/kubernetes/admin.conf`
      ]
    : []),
  ...(clockAhead === undefined
    ? []
    : [
        `Clocks differ: ${inClockWords(clockAhead)}; see which is right: timedatectl; and on the host that is wrong: timedatectl set-ntp true`
      ]),
  ...leafRemedies(leaf, now)
]

/**
 * True if the token is near its end. It is renewed when three quarters are left, and tried each minute from then on: by now
 * that failed for half its lifetime.
 */
const nearEnd = ({ issued, expires }: CredentialLifetime, now: Date): boolean =>
  expires.getTime() - now.getTime() < (expires.getTime() - issued.getTime()) / 4

const remedyOf = ({ code, text }: ProblemError, state: string): string => {
  if (code === 'store-full') return `make room: df --human-readable ${state}`
  if (text.remedy !== undefined) return text.remedy
  return code === 'cluster-unavailable'
    ? 'see how it is: kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz?verbose'
    : 'see why: journalctl --unit joinery-server'
}
