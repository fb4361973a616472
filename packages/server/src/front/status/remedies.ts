import { shellWord } from '@joinery/host/text/shell-word'
import { age, type JoinCounts, minute, type ProblemError, problems } from '@joinery/protocol'
import { inClockWords } from '../../core/ports/cluster/cluster-clock.ts'
import type { CredentialLifetime } from '../../core/ports/cluster/credential-lifetime.ts'
import type { ClusterNode } from '../../core/ports/cluster/nodes.ts'
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

/** Says what to do if machines wait only because the API server has too much to do. */
export const joinRemedies = ({ atMost, joinsAtOnce, waiting }: JoinCounts): string[] =>
  atMost < joinsAtOnce && waiting > 0
    ? [
        `the API server answers 429 or slowly, so ${atMost} instead of ${joinsAtOnce} machines may join at once, and ${waiting} wait: ` +
          'kubectl get --raw /metrics | grep apiserver_flowcontrol_rejected_requests_total'
      ]
    : []

/** Milliseconds for which a Node may not be Ready: a new one waits for its network plugin, and one that boots comes back. */
const nodeGrace = 5 * minute

/** Most Nodes that one sentence names. */
const namedAtMost = 5

/** A Node that needs a person, and the time since when it is not Ready. */
interface LastingNode {
  name: string
  since: Date
}

/** The Nodes that have not been Ready for longer than the grace, the longest first. `now`: a time by the cluster's clock. */
export const lastingNodes = (
  nodes: readonly Pick<ClusterNode, 'name' | 'ready' | 'since' | 'created'>[],
  now: Date
): LastingNode[] =>
  nodes
    .filter(({ ready }) => ready !== 'True')
    .map(({ name, since, created }) => ({ name, since: since ?? created }))
    .filter(({ since }) => now.getTime() - since.getTime() > nodeGrace)
    .sort((one, other) => one.since.getTime() - other.since.getTime() || (one.name < other.name ? -1 : 1))

/** One sentence with a command for the Nodes that are not Ready. `isOurs`: an enrolment brought the first of them. */
export const nodeRemedies = (lasting: readonly LastingNode[], isOurs: boolean, now: Date): string[] => {
  const [first] = lasting
  if (first === undefined) return []
  const named = lasting.slice(0, namedAtMost).map(({ name, since }) => `${name} for ${age(since.toISOString(), now)}`)
  const more = lasting.length > named.length ? [`${lasting.length - named.length} more`] : []
  const command = isOurs ? `joinery why ${first.name}` : `kubectl describe node ${shellWord(first.name)}`
  const which = lasting.length === 1 ? 'A Node is' : `${lasting.length} Nodes are`
  return [`${which} not Ready: ${[...named, ...more].join(', ')}; see why: ${command}`]
}
