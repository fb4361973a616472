import 'reflect-metadata'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { readOwnersText, WorkerEngine } from '@joinery/policy'
import { fingerprint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { container, type DependencyContainer, type InjectionToken, instanceCachingFactory } from 'tsyringe'
import { credentialLifetime } from '../adapters/kubernetes/credential/credential-lifetime.ts'
import { sqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { Budgets, budgets } from '../core/base/budgets.ts'
import { Clock, Monotonic, systemClock, systemMonotonic } from '../core/base/clock.ts'
import { removeDurably } from '../core/base/files.ts'
import { Log, makeLog } from '../core/base/log.ts'
import { Random, systemRandom } from '../core/base/random.ts'
import { CallRates } from '../core/base/rates/call-rates.ts'
import { Enrolments } from '../core/commit/enrolments.ts'
import { UniqueMachines } from '../core/commit/unique-machines.ts'
import { Waiting } from '../core/commit/waiting.ts'
import { defaultJoinsAtOnce, defaultRetention, type ServerConfig } from '../core/config/config.ts'
import { milliseconds } from '../core/config/duration.ts'
import { lifetimesOf } from '../core/config/lifetimes.ts'
import { Bans } from '../core/credentials/bans.ts'
import { Bounds } from '../core/credentials/bounds.ts'
import { Credentials } from '../core/credentials/credentials.ts'
import { heldCluster } from '../core/credentials/held-cluster.ts'
import { AttemptTimes } from '../core/enrolment/verbs/attempt-times.ts'
import { Generations } from '../core/generation/generations.ts'
import { Witnesses } from '../core/generation/witnesses.ts'
import { Joins } from '../core/joins/joins.ts'
import { ensureAuditKey } from '../core/keys/audit-key.ts'
import { readStateKeys } from '../core/keys/state-keys.ts'
import { alwaysLeads, Leadership } from '../core/leadership/leadership.ts'
import { leasedCluster } from '../core/leadership/leased-cluster.ts'
import { KnownServers, onlyServer } from '../core/leadership/servers.ts'
import { SharedState } from '../core/leadership/shared-state.ts'
import { Cluster } from '../core/ports/cluster/cluster.ts'
import { clusterFacts, ReadClusterFacts } from '../core/ports/cluster/cluster-facts.ts'
import { imageFacts, ReadImageFacts } from '../core/ports/cluster/images/image-facts.ts'
import { NodeEvents } from '../core/ports/cluster/node-events.ts'
import { Dialler } from '../core/ports/dialler.ts'
import { Codes } from '../core/ports/objects/codes.ts'
import { Decisions } from '../core/ports/objects/decisions.ts'
import { Views } from '../core/ports/objects/views.ts'
import { AgentPackages } from '../core/ports/store/agent-packages.ts'
import { Store } from '../core/ports/store/store.ts'
import { storeFileIn } from '../core/ports/store/store-files.ts'
import { ClockWatch } from '../core/reconcile/clock-watch.ts'
import { Outsiders } from '../core/reconcile/outsiders.ts'
import { Pacemaker } from '../core/reconcile/pacemaker.ts'
import { Reconciler } from '../core/reconcile/reconciler.ts'
import { ServiceGates } from '../core/reconcile/service-gates.ts'
import { Resolve, ServingCertificates } from '../core/reconcile/serving-certificates.ts'
import { BanList } from '../core/retention/ban-list.ts'
import { Housekeeping } from '../core/retention/housekeeping.ts'
import { LongestValidity } from '../core/retention/longest-validity.ts'
import { OldMasterKeys } from '../core/retention/old-master-keys.ts'
import { Pruning } from '../core/retention/pruning.ts'
import { RepeatedRefusals } from '../core/services/agent/note-refusal.ts'
import { AgentService, agentService } from '../core/services/agent-service.ts'
import { OtherServers, withOthers } from '../core/services/code/other-servers.ts'
import { CodeService, codeService } from '../core/services/code-service.ts'
import { JoinCommandService } from '../core/services/join-command-service.ts'
import { NodeService } from '../core/services/node-service.ts'
import { OperatorService, operatorService } from '../core/services/operator-service.ts'
import { UnknownFields } from '../core/services/unknown-fields.ts'
import { EndpointWatch } from '../core/trust/endpoint-watch.ts'
import { fixedFacts } from '../core/trust/fixed-facts.ts'
import { Statements } from '../core/trust/statements.ts'
import { UnknownPins } from '../core/trust/unknown-pins.ts'
import { AuditFollower } from '../features/audit/audit-follower.ts'
import { AuditService } from '../features/audit/audit-service.ts'
import { clusterIdOf } from '../features/audit/cluster-id.ts'
import { Elsewhere, RunProgram } from '../features/audit/elsewhere.ts'
import { LogFolder, logFolder } from '../features/audit/log-folder.ts'
import { Reads } from '../features/audit/reads.ts'
import { withLeaves } from '../features/audit/with-leaves.ts'
import { Diagnoses } from '../features/diagnosis/diagnoses.ts'
import { DialBack } from '../features/dial-back/dial-back.ts'
import { tcpDialler } from '../features/dial-back/tcp-dialler.ts'
import { CodeReader } from '../features/kubernetes-api/codes/code-reader.ts'
import { CodeStatuses } from '../features/kubernetes-api/codes/code-statuses.ts'
import { DecisionReader } from '../features/kubernetes-api/decisions/decision-reader.ts'
import { hearCommits } from '../features/kubernetes-api/hear-commits.ts'
import { installationView } from '../features/kubernetes-api/installation-view.ts'
import { ViewWriter } from '../features/kubernetes-api/view-writer.ts'
import { Counting, countedCluster } from '../features/metrics/counting.ts'
import { Scrape } from '../features/metrics/scrape.ts'
import { heardStore, NodeEventTeller } from '../features/notices/node-events/node-events.ts'
import { readCollector, readReceivers } from '../features/notices/read-receivers.ts'
import { Send, sendOnce } from '../features/notices/send.ts'
import { Traces } from '../features/notices/traces/traces.ts'
import { Webhooks } from '../features/notices/webhooks.ts'
import { Policies } from '../features/policy/policies.ts'
import { PolicyFile } from '../features/policy/policy-file.ts'
import { Door } from '../front/connection-guard/connection-guard.ts'
import { NextPin } from '../front/status/next-pin.ts'
import { Refusals } from '../front/status/refusals.ts'
import { StatusService } from '../front/status/status-service.ts'
import { endProcess } from './end-process.ts'
import { statementsOf } from './statements-of.ts'

/**
 * The composition root: the only file that knows every part. The caller passes `cluster`, so that the program decides
 * between the real one and a rehearsal; a test registers over any other part. Without `kubernetesDoor` nothing is shown in
 * Kubernetes. Without `openStore` the store is a file of this host. Reads the keys that `joinery-server init` made.
 */
export const createContainer = async (
  config: ServerConfig,
  real: Cluster,
  kubernetesDoor?: KubernetesDoor,
  openStore?: OpenStore
): Promise<DependencyContainer> => {
  const { masterKeys, certificateAuthority, nextAuthority } = await readStateKeys(config.state)
  const pinOf = (pem: string) => fingerprint(new X509Certificate(pem).publicKey)
  const nextPin = nextAuthority && pinOf(nextAuthority)
  const auditKey = await ensureAuditKey(config.state)
  const identity = {
    server: config.agents.address,
    pin: pinOf(certificateAuthority),
    ...given({ nextPin }),
    // a machine that fetches its package trusts either
    certificateAuthority: `${certificateAuthority}${nextAuthority ?? ''}`
  }
  const [receivers, collector] = await Promise.all([readReceivers(config), readCollector(config)])
  const storeFile = storeFileIn(config.state)
  const open = openStore ?? (() => sqliteStore(storeFile, { syncFailed: endProcess }))
  const lifetimes = lifetimesOf(config)
  const diagnosis = config.diagnosis === 'on'

  const c = container.createChildContainer()
  const counted = countedCluster(
    real,
    () => c.resolve(Counting),
    () => c.resolve(Monotonic)
  )
  const cluster = leasedCluster(counted, () => c.resolve(Leadership))
  const once = <T>(token: InjectionToken<T>, make: (c: DependencyContainer) => T) =>
    c.register(token, { useFactory: instanceCachingFactory(make) })

  /** The addresses where machines find the server now. */
  const reached = (c: DependencyContainer) => withOthers(identity, c.resolve(OtherServers)())

  once(Log, () => makeLog())
  once(OtherServers, () => () => [])
  once(Clock, () => systemClock)
  once(Monotonic, () => systemMonotonic)
  once(Random, () => systemRandom)
  once(Budgets, () => budgets)
  once(Leadership, () => alwaysLeads)
  once(KnownServers, () => onlyServer(identity.server))
  once(Resolve, () => resolve)
  once(
    Counting,
    (c) => new Counting({ clock: c.resolve(Clock), monotonic: c.resolve(Monotonic), store: () => c.resolve(Store) })
  )
  once(Bans, (c) => new Bans({ store: c.resolve(Store), cluster: heldCluster(cluster, c.resolve(Bounds)) }))
  once(Cluster, (c) => c.resolve(Bans).cluster)
  once(Store, (c) =>
    hearCommits(
      c.resolve(Counting).store(
        withLeaves(
          heardStore(open(), (change) => {
            if (c.isRegistered(NodeEvents)) c.resolve(NodeEventTeller).note(change)
          }),
          () => c.resolve(AuditFollower).nudge()
        )
      ),
      {
        enrolment: (id) => {
          if (c.isRegistered(Policies)) c.resolve(Policies).note(id)
          c.resolve(Joins).note(id)
          if (kubernetesDoor === undefined) return
          c.resolve(Counting).committed(id)
          c.resolve(ViewWriter).note(id)
        },
        code: (id) => {
          if (c.isRegistered(Codes)) c.resolve(CodeStatuses).note(id)
        },
        entries: () => {
          c.resolve(Webhooks).nudge()
          c.resolve(Traces).nudge()
        }
      }
    )
  )
  if (kubernetesDoor !== undefined) {
    const { views } = kubernetesDoor
    once(Views, (c) => c.resolve(Counting).views(views))
    once(
      ViewWriter,
      (c) =>
        new ViewWriter({
          ...common(c),
          views: c.resolve(Views),
          machines: c.resolve(UniqueMachines),
          lifetimes,
          installation: async () =>
            installationView(
              reached(c),
              await cluster.endpoint(),
              await c.resolve(AgentPackages).current(),
              c.resolve(Statements).shown
            ),
          budget: c.resolve(Budgets).views,
          monotonic: c.resolve(Monotonic)
        })
    )
  }
  once(LogFolder, () => logFolder(join(config.state, 'audit')))
  once(
    AuditFollower,
    (c) =>
      new AuditFollower({
        ...common(c),
        folder: c.resolve(LogFolder),
        key: auditKey.key,
        cluster: () => clusterIdOf(cluster),
        budget: c.resolve(Budgets).audit,
        ...(openStore !== undefined && { server: config.agents.address })
      })
  )
  once(
    AuditService,
    (c) => new AuditService({ ...common(c), folder: c.resolve(LogFolder), follower: c.resolve(AuditFollower) })
  )
  once(Reads, (c) => new Reads({ ...common(c), budget: c.resolve(Budgets).audit }))
  once(RunProgram, () => (program, words) => promisify(execFile)(program, [...words]))
  once(
    Elsewhere,
    (c) =>
      new Elsewhere({
        ...common(c),
        targets: config.audit?.checkpoints ?? [],
        newest: () => c.resolve(AuditService).newest(),
        run: c.resolve(RunProgram),
        every: c.resolve(Budgets).audit.elsewhere
      })
  )
  once(NodeEventTeller, (c) => new NodeEventTeller({ events: c.resolve(NodeEvents), log: c.resolve(Log) }))
  once(Send, () => sendOnce)
  once(
    Webhooks,
    (c) => new Webhooks({ ...common(c), send: c.resolve(Send), receivers, budget: c.resolve(Budgets).notices })
  )
  once(
    Traces,
    (c) => new Traces({ ...common(c), send: c.resolve(Send), collector, budget: c.resolve(Budgets).notices })
  )
  once(Statements, (c) =>
    statementsOf(config, {
      ...common(c),
      others: () => c.resolve(OtherServers)(),
      agentPackage: () => c.resolve(AgentPackages).current()
    })
  )
  once(
    EndpointWatch,
    (c) =>
      new EndpointWatch({
        ...common(c),
        // the configuration is the word of root, too
        fixed: async () => (config.apiEndpoint === undefined ? fixedFacts(join(config.state, 'kubeconfig')) : undefined)
      })
  )
  once(
    UnknownPins,
    (c) =>
      new UnknownPins({ ...common(c), announced: nextPin === undefined ? [identity.pin] : [identity.pin, nextPin] })
  )
  once(Refusals, () => new Refusals())
  once(UnknownFields, () => new UnknownFields())
  once(NextPin, () => new NextPin(nextPin))
  once(Waiting, (c) => new Waiting(undefined, c.resolve(Counting).ports.polls))
  once(CallRates, (c) => new CallRates(c.resolve(Monotonic), undefined, c.resolve(Counting).ports.rates))
  once(
    Joins,
    (c) =>
      new Joins({
        ...common(c),
        cluster,
        monotonic: c.resolve(Monotonic),
        waiting: c.resolve(Waiting),
        most: config.joinsAtOnce ?? defaultJoinsAtOnce
      })
  )
  once(AgentPackages, (c) => new AgentPackages(c.resolve(Store), join(config.state, 'packages'), config.agentPackage))
  once(ReadClusterFacts, (c) => clusterFacts(c.resolve(Cluster), c.resolve(Clock), c.resolve(Monotonic)))
  once(ReadImageFacts, (c) =>
    imageFacts(c.resolve(Cluster), config.diagnosis === 'on', c.resolve(Monotonic), c.resolve(Log))
  )
  once(Dialler, (c) => tcpDialler(c.resolve(Random)))
  once(DialBack, (c) => new DialBack(c.resolve(Dialler)))
  once(UniqueMachines, (c) => new UniqueMachines({ store: c.resolve(Store), nodes: () => c.resolve(Reconciler).nodes }))
  once(
    Door,
    (c) =>
      new Door({
        budgets: c.resolve(Budgets),
        now: c.resolve(Monotonic),
        enrolment: (key) => c.resolve(Store).enrolmentByKey(key),
        log: c.resolve(Log),
        meter: c.resolve(Counting).ports.door
      })
  )
  once(
    Enrolments,
    (c) =>
      new Enrolments({
        ...common(c),
        monotonic: c.resolve(Monotonic),
        times: new AttemptTimes({
          clock: c.resolve(Clock),
          monotonic: c.resolve(Monotonic),
          clusterNow: () => cluster.now()
        }),
        waiting: c.resolve(Waiting),
        machines: c.resolve(UniqueMachines),
        door: c.resolve(Door),
        lifetimes
      })
  )
  once(
    Credentials,
    (c) =>
      new Credentials({
        ...common(c),
        sleep: setTimeout,
        enrolments: c.resolve(Enrolments),
        bans: c.resolve(Bans),
        masterKeys,
        kind: config.credential
      })
  )
  once(
    Bounds,
    (c) =>
      new Bounds({
        cluster,
        clock: c.resolve(Clock),
        log: c.resolve(Log),
        rights: { credential: config.credential, serving: config.servingCertificates === 'approve' }
      })
  )
  once(
    Generations,
    (c) =>
      new Generations({
        ...common(c),
        monotonic: c.resolve(Monotonic),
        enrolments: c.resolve(Enrolments),
        credentials: c.resolve(Credentials),
        masterKeys
      })
  )
  once(Witnesses, (c) => new Witnesses({ ...common(c), masterKeys }))
  once(Outsiders, (c) => new Outsiders(common(c)))
  once(LongestValidity, (c) => new LongestValidity(common(c)))
  once(BanList, (c) => new BanList(common(c)))
  once(
    Pruning,
    (c) =>
      new Pruning({
        ...common(c),
        packages: c.resolve(AgentPackages),
        retention: milliseconds(config.retention ?? defaultRetention),
        longestDays: c.resolve(LongestValidity).days
      })
  )
  once(
    OldMasterKeys,
    (c) =>
      new OldMasterKeys({
        ...common(c),
        masterKeys,
        isToldByNewest: () => c.resolve(Generations).isTold,
        remove: (file) => removeDurably(join(config.state, file))
      })
  )
  once(
    Housekeeping,
    (c) =>
      new Housekeeping({
        ...common(c),
        pruning: c.resolve(Pruning),
        longest: c.resolve(LongestValidity),
        banList: c.resolve(BanList),
        oldMasterKeys: c.resolve(OldMasterKeys)
      })
  )
  once(
    Reconciler,
    (c) =>
      new Reconciler({
        ...common(c),
        monotonic: c.resolve(Monotonic),
        clocks: new ClockWatch(common(c)),
        enrolments: c.resolve(Enrolments),
        lifetimes,
        credentials: c.resolve(Credentials),
        bans: c.resolve(Bans),
        bounds: c.resolve(Bounds),
        servingCertificates:
          config.servingCertificates === 'approve'
            ? new ServingCertificates({ ...common(c), enrolments: c.resolve(Enrolments), resolve: c.resolve(Resolve) })
            : undefined,
        gates: new ServiceGates({
          ...common(c),
          monotonic: c.resolve(Monotonic),
          enrolments: c.resolve(Enrolments),
          diagnosis
        }),
        outsiders: c.resolve(Outsiders),
        housekeeping: c.resolve(Housekeeping),
        generations: c.resolve(Generations)
      })
  )
  once(
    Diagnoses,
    (c) =>
      new Diagnoses({
        ...common(c),
        monotonic: c.resolve(Monotonic),
        enrolments: c.resolve(Enrolments),
        dialBack: c.resolve(DialBack),
        waiting: c.resolve(Waiting),
        nodes: () => c.resolve(Reconciler).nodes,
        isOn: config.diagnosis === 'on',
        budget: c.resolve(Budgets).diagnosis
      })
  )
  once(
    Pacemaker,
    (c) =>
      new Pacemaker(c.resolve(Reconciler), c.resolve(Log), undefined, {
        meter: c.resolve(Counting).ports.passes,
        monotonic: c.resolve(Monotonic)
      })
  )
  once(
    Scrape,
    (c) =>
      new Scrape({
        ...common(c),
        meter: c.resolve(Counting).meter,
        followed: c.resolve(Counting).followed,
        monotonic: c.resolve(Monotonic),
        nodes: () => c.resolve(Reconciler).nodes,
        refusals: c.resolve(Refusals),
        unknownFields: c.resolve(UnknownFields),
        waiting: c.resolve(Waiting),
        joins: c.resolve(Joins),
        connections: () => c.resolve(Door).size,
        receivers: () => c.resolve(Webhooks).counts(),
        servers: c.resolve(KnownServers),
        shared: c.isRegistered(SharedState) ? c.resolve(SharedState) : undefined
      })
  )
  once(CodeService, (c) =>
    codeService({
      ...common(c),
      enrolments: c.resolve(Enrolments),
      packages: c.resolve(AgentPackages),
      identity: () => reached(c),
      credential: config.credential,
      diagnosis
    })
  )
  once(OperatorService, (c) =>
    operatorService({
      ...common(c),
      enrolments: c.resolve(Enrolments),
      credentials: c.resolve(Credentials),
      credential: config.credential,
      machines: c.resolve(UniqueMachines),
      diagnoses: c.resolve(Diagnoses),
      clusterFacts: c.resolve(ReadClusterFacts),
      lifetimes,
      turnOf: (enrolment) => c.resolve(Joins).turnOf(enrolment),
      trouble: () => c.resolve(Reconciler).trouble,
      nudge: () => c.resolve(Pacemaker).nudge()
    })
  )
  const { policy } = config
  if (policy !== undefined) {
    once(
      Policies,
      (c) =>
        new Policies({
          ...common(c),
          monotonic: c.resolve(Monotonic),
          file: new PolicyFile({ path: policy, makeEngine: () => new WorkerEngine(), read: readOwnersText }),
          operators: c.resolve(OperatorService),
          enrolments: c.resolve(Enrolments),
          machines: c.resolve(UniqueMachines),
          nodes: () => c.resolve(Reconciler).nodes,
          budget: c.resolve(Budgets).policy
        })
    )
  }
  once(
    DecisionReader,
    (c) =>
      new DecisionReader({
        ...common(c),
        decisions: c.resolve(Counting).asked('decisions', c.resolve(Decisions)),
        operators: c.resolve(OperatorService),
        bounds: c.resolve(Bounds),
        budgets: c.resolve(Budgets).decisions
      })
  )
  once(
    CodeStatuses,
    (c) =>
      new CodeStatuses({
        ...common(c),
        codes: c.resolve(Counting).asked('codes', c.resolve(Codes)),
        monotonic: c.resolve(Monotonic),
        budgets: c.resolve(Budgets).codes
      })
  )
  once(
    CodeReader,
    (c) =>
      new CodeReader({
        ...common(c),
        codes: c.resolve(Counting).asked('codes', c.resolve(Codes)),
        service: c.resolve(CodeService),
        statuses: c.resolve(CodeStatuses),
        generations: c.resolve(Generations),
        budgets: c.resolve(Budgets).codes
      })
  )
  once(NodeService, (c) => new NodeService({ ...common(c), outsiders: c.resolve(Outsiders) }))
  once(
    JoinCommandService,
    (c) =>
      new JoinCommandService({
        ...common(c),
        enrolments: c.resolve(Enrolments),
        credentials: c.resolve(Credentials),
        bans: c.resolve(Bans),
        credential: config.credential,
        bounds: c.resolve(Bounds),
        generations: c.resolve(Generations),
        nudge: () => c.resolve(Pacemaker).nudge()
      })
  )
  once(
    StatusService,
    (c) =>
      new StatusService({
        ...common(c),
        storeFile,
        packages: c.resolve(AgentPackages),
        refusals: c.resolve(Refusals),
        identity,
        nextPin: c.resolve(NextPin),
        statements: c.resolve(Statements),
        config,
        bounds: c.resolve(Bounds),
        diagnoses: c.resolve(Diagnoses),
        banList: c.resolve(BanList),
        generations: c.resolve(Generations),
        decisions: c.isRegistered(Decisions) ? c.resolve(DecisionReader) : undefined,
        codes: c.isRegistered(Codes) ? c.resolve(CodeReader) : undefined,
        joins: c.resolve(Joins),
        webhooks: c.resolve(Webhooks),
        audit: c.resolve(AuditService),
        elsewhere: c.resolve(Elsewhere),
        policy: c.isRegistered(Policies) ? c.resolve(Policies) : undefined,
        views: kubernetesDoor && c.resolve(ViewWriter),
        credentialLifetime: () => credentialLifetime(join(config.state, 'kubeconfig')),
        outage: () => c.resolve(Reconciler).outage,
        servers: c.resolve(KnownServers),
        shared: c.isRegistered(SharedState) ? c.resolve(SharedState) : undefined
      })
  )
  once(AgentService, (c) =>
    agentService({
      ...common(c),
      enrolments: c.resolve(Enrolments),
      waiting: c.resolve(Waiting),
      credentials: c.resolve(Credentials),
      bans: c.resolve(Bans),
      credential: config.credential,
      bounds: c.resolve(Bounds),
      generations: c.resolve(Generations),
      machines: c.resolve(UniqueMachines),
      joins: c.resolve(Joins),
      clusterFacts: c.resolve(ReadClusterFacts),
      imageFacts: c.resolve(ReadImageFacts),
      dialBack: c.resolve(DialBack),
      diagnoses: c.resolve(Diagnoses),
      rates: c.resolve(CallRates),
      repeated: new RepeatedRefusals(c.resolve(Monotonic)),
      outcomes: c.resolve(Counting).ports.outcomes,
      recover: config.recover ?? 'ask',
      diagnosis,
      nodes: () => c.resolve(Reconciler).nodes,
      nudge: () => c.resolve(Pacemaker).nudge()
    })
  )
  return c
}

/** Opens the store of a server that follows the log of its cluster. The container closes it. */
export type OpenStore = () => Store

/** Objects of Joinery's own in Kubernetes, by which operators see the machines. */
export interface KubernetesDoor {
  views: Views
}

const resolve = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address)

const common = (c: DependencyContainer) => ({
  store: c.resolve(Store),
  cluster: c.resolve(Cluster),
  clock: c.resolve(Clock),
  random: c.resolve(Random),
  log: c.resolve(Log)
})
