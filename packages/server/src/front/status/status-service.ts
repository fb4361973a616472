import { tokenGroups } from '@joinery/kube/names'
import {
  alertDays,
  alertsShown,
  day,
  type Install,
  type JoinCounts,
  type ProblemError,
  type Status,
  states,
  version
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../core/base/clock.ts'
import type { ServerConfig } from '../../core/config/config.ts'
import type { Bounds } from '../../core/credentials/bounds.ts'
import { requireSafeCluster } from '../../core/enrolment/facts/cluster.ts'
import { nodeOwnerOf } from '../../core/enrolment/name/whose-name.ts'
import { codeView } from '../../core/enrolment/views.ts'
import type { Generations } from '../../core/generation/generations.ts'
import type { KnownServers } from '../../core/leadership/servers.ts'
import type { SharedState } from '../../core/leadership/shared-state.ts'
import type { AccessChecks } from '../../core/ports/cluster/access-checks.ts'
import type { ApiSight } from '../../core/ports/cluster/api-sight.ts'
import { clockAhead, clusterClock } from '../../core/ports/cluster/cluster-clock.ts'
import type { CredentialLifetime } from '../../core/ports/cluster/credential-lifetime.ts'
import type { Csrs } from '../../core/ports/cluster/csrs.ts'
import type { ClusterNode, Nodes } from '../../core/ports/cluster/nodes.ts'
import type { AgentPackages } from '../../core/ports/store/agent-packages.ts'
import type { Counts } from '../../core/ports/store/counts.ts'
import type { Store } from '../../core/ports/store/store.ts'
import type { Outage } from '../../core/reconcile/reconciler.ts'
import type { BanList } from '../../core/retention/ban-list.ts'
import { alertView } from '../../core/services/alerts.ts'
import type { Refusals } from '../../core/services/refusals.ts'
import { problemOf, type Tell } from '../../core/services/told.ts'
import { readLeaf } from './leaf-remedies.ts'
import type { NextPin } from './next-pin.ts'
import { joinRemedies, lastingNodes, nodeRemedies, remedies } from './remedies.ts'
import { sharedRemedies } from './shared-remedies.ts'

interface Parts {
  store: Store
  counts: Pick<Counts, 'countStates' | 'alerts'>
  storeFile: string
  cluster: ApiSight & AccessChecks & Csrs & Nodes
  clock: Clock
  packages: AgentPackages
  refusals: Refusals
  identity: Pick<Install, 'server' | 'pin'>
  nextPin: NextPin
  config: ServerConfig
  bounds: Bounds
  banList: Pick<BanList, 'remedies'>
  generations: Pick<Generations, 'remedies'>
  /** The statement that the server signs. */
  statements: { readonly remedies: readonly string[] }
  joins: { counts(): Promise<JoinCounts> }
  /** Functions that tell what features have for the status. */
  tells: readonly Tell[]
  /** Lifetime of the server's own token for the cluster. Undefined if it has none. */
  credentialLifetime: () => Promise<CredentialLifetime | undefined>
  /** The outage of the cluster as the reconciler last saw it. */
  outage: () => Outage | undefined
  servers: Pick<KnownServers, 'list'>
  /** The log that this server shares with others. Undefined if its store is its own. */
  shared: SharedState | undefined
}

/** Server status. Create it at start-up: it records the start time. */
export class StatusService {
  readonly #parts: Parts
  readonly #started: Date

  constructor(parts: Parts) {
    this.#parts = parts
    this.#started = parts.clock.now()
  }

  /** The status now. Throws `store-unavailable` or `store-damaged` if the store cannot even be read. */
  async status(): Promise<Status> {
    const {
      store,
      counts,
      storeFile,
      clock,
      packages,
      refusals,
      identity,
      nextPin,
      statements,
      config,
      banList,
      generations,
      credentialLifetime
    } = this.#parts
    const [cluster, told, storeProblem, packageProblem, leaf, credential] = await Promise.all([
      this.#askCluster(),
      Promise.all(this.#parts.tells.map((tell) => tell())),
      problemOf(() => store.check()),
      problemOf(() => packages.check()),
      readLeaf(config.state, identity.server),
      credentialLifetime()
    ])
    const now = clock.now()
    const ahead = clockAhead(now, this.#parts.cluster.now())
    // an outage is told of once
    const unread = cluster.problems.length === 0 ? told.map((one) => one.unread) : []
    const failing = [storeProblem, ...cluster.problems, ...unread, packageProblem].filter(
      (problem) => problem !== undefined
    )
    const codes = await store.codes()
    const joins = await this.#parts.joins.counts()
    const servers = this.#parts.servers.list()
    const clusterNow = clusterClock(this.#parts.cluster, clock).now()
    const lasting = lastingNodes(cluster.nodes, clusterNow)
    const named = lasting[0] === undefined ? [] : await store.enrolmentsByName(lasting[0].name)
    const [leadership, logged] = [this.#parts.shared?.leadership(), this.#parts.shared?.log()]
    return {
      version,
      offers: ['dry-run', 'states'],
      started: this.#started.toISOString(),
      agents: {
        listen: config.agents.listen,
        url: identity.server,
        pin: identity.pin,
        ...given({ nextPin: nextPin.pin, untold: await nextPin.untold(store) }),
        certificateExpires: leaf.expires.toISOString()
      },
      operators: { socket: config.operators.socket },
      ...given({ agentPackage: config.agentPackage }),
      store: { path: storeFile, ...given({ trouble: storeProblem?.message }) },
      cluster: {
        ...cluster.shown,
        ...given({ credentialExpires: credential?.expires.toISOString(), clockAhead: ahead })
      },
      enrolments: { ...noStates, ...(await counts.countStates()) },
      joins,
      alerts: await this.#alerts(now),
      ...Object.assign({}, ...told.map(({ rows }) => rows)),
      ...given({ leadership, log: logged }),
      ...(servers.length > 0 && { servers }),
      codes: { open: codes.filter((code) => codeView(code, now).status === 'open').length },
      refusals: refusals.totals,
      remedies: [
        ...remedies(
          {
            failing,
            credential,
            clusterNow,
            clockAhead: ahead,
            leaf,
            state: config.state
          },
          now
        ),
        ...statements.remedies,
        ...banList.remedies,
        ...generations.remedies,
        ...told.flatMap((one) => one.remedies ?? []),
        ...nodeRemedies(lasting, nodeOwnerOf(named).owner !== undefined, clusterNow),
        ...joinRemedies(joins),
        ...sharedRemedies({ servers, leadership, log: logged })
      ]
    }
  }

  async #alerts(now: Date): Promise<Status['alerts']> {
    const { store, counts } = this.#parts
    const { count, last } = await counts.alerts(new Date(now.getTime() - alertDays * day), alertsShown)
    return { count, last: await Promise.all(last.map((alert) => alertView(store, alert))) }
  }

  /** Asks for all that the server reads of a cluster: a call that is forbidden shows here, and not at the first machine. */
  async #askCluster(): Promise<{ shown: Status['cluster']; problems: ProblemError[]; nodes: ClusterNode[] }> {
    const { cluster, clock, outage, bounds } = this.#parts
    const shown: Status['cluster'] = {}
    const nodes: ClusterNode[] = []
    const problem = await problemOf(async () => {
      const [clusterVersion, bindings, , all] = await Promise.all([
        cluster.version(),
        // without tokens nothing depends on it
        this.#parts.config.credential === 'token'
          ? Promise.all(tokenGroups.map((group) => cluster.autoApproval(group)))
          : [],
        cluster.kubeletCsrs(),
        cluster.nodes(),
        bounds.look()
      ])
      shown.version = clusterVersion
      nodes.push(...all)
      requireSafeCluster(bindings.find((binding) => binding !== undefined))
    })
    if (problem?.code === 'cluster-unavailable') {
      const since = outage()?.since ?? clock.now()
      shown.trouble = { since: since.toISOString(), reason: problem.message }
      return { shown, problems: [problem], nodes }
    }
    return { shown, problems: [...(problem === undefined ? [] : [problem]), ...bounds.problems], nodes }
  }
}

const noStates = Object.fromEntries(states.map((state) => [state, 0])) as Status['enrolments']
