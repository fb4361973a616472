import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fingerprint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import { Budgets, budgets } from './base/budgets.ts'
import { Clock, Monotonic, systemClock, systemMonotonic } from './base/clock.ts'
import { removeDurably } from './base/files.ts'
import { Log, makeLog } from './base/log.ts'
import { all, also, ifThere, once } from './base/parts.ts'
import { Random, systemRandom } from './base/random.ts'
import { CallRates, RateMeter } from './base/rates/call-rates.ts'
import { Worker } from './base/worker.ts'
import { CommitMeter, Commits, Follower, LeavesOf, noteEnrolments } from './commit/commits.ts'
import { Enrolments } from './commit/enrolments.ts'
import { EntryLog } from './commit/entry-log.ts'
import { UniqueMachines } from './commit/unique-machines.ts'
import { PollMeter, Waiting } from './commit/waiting.ts'
import { acting, common } from './common.ts'
import { defaultJoinsAtOnce, defaultRetention, type ServerConfig } from './config/config.ts'
import { milliseconds } from './config/duration.ts'
import { lifetimesOf } from './config/lifetimes.ts'
import { Bans } from './credentials/bans.ts'
import { Bounds } from './credentials/bounds.ts'
import { Giving, guardCluster, TakingAway } from './credentials/cluster-guard.ts'
import { Credentials } from './credentials/credentials.ts'
import { AttemptTimes } from './enrolment/verbs/attempt-times.ts'
import { Generations } from './generation/generations.ts'
import { Witnesses } from './generation/witnesses.ts'
import { Joins } from './joins/joins.ts'
import type { MasterKeys } from './keys/master-keys.ts'
import { readStateKeys } from './keys/state-keys.ts'
import { alwaysLeads, Leadership } from './leadership/leadership.ts'
import { KnownServers, onlyServer } from './leadership/servers.ts'
import { clusterFacts, ReadClusterFacts } from './ports/cluster/cluster-facts.ts'
import { ClusterReading } from './ports/cluster/cluster-reading.ts'
import { imageFacts, ReadImageFacts } from './ports/cluster/images/image-facts.ts'
import type { UnguardedCluster } from './ports/cluster/unguarded-cluster.ts'
import { Connections } from './ports/connections.ts'
import { Metered } from './ports/metered.ts'
import { AgentPackages } from './ports/store/agent-packages.ts'
import { AuditQueue } from './ports/store/audit-queue.ts'
import { CodeSearch } from './ports/store/code-search.ts'
import { Counts } from './ports/store/counts.ts'
import type { EnrolmentDocument } from './ports/store/documents/enrolment-document.ts'
import { Ended } from './ports/store/ended.ts'
import { Names } from './ports/store/names.ts'
import { NoticeQueue } from './ports/store/notice-queue.ts'
import { ObjectsAsked } from './ports/store/objects-asked.ts'
import { Sights } from './ports/store/sights.ts'
import { Store, WritableStore } from './ports/store/store.ts'
import { StoreAge } from './ports/store/store-age.ts'
import { ClockWatch } from './reconcile/clock-watch.ts'
import { Outsiders } from './reconcile/outsiders.ts'
import { Pacemaker, PassMeter } from './reconcile/pacemaker.ts'
import { Reconciler } from './reconcile/reconciler.ts'
import { ServiceGates } from './reconcile/service-gates.ts'
import { Resolve, ServingCertificates } from './reconcile/serving-certificates.ts'
import { BanList } from './retention/ban-list.ts'
import { Housekeeping } from './retention/housekeeping.ts'
import { LongestValidity } from './retention/longest-validity.ts'
import { OldMasterKeys } from './retention/old-master-keys.ts'
import { Pruning } from './retention/pruning.ts'
import { OutcomeMeter } from './services/agent/reports.ts'
import { RepeatedRefusals } from './services/agent/sighting.ts'
import { AgentService, agentService } from './services/agent-service.ts'
import { Identity, OtherServers, ReachedAt, withOthers } from './services/code/other-servers.ts'
import { CodeService, codeService } from './services/code-service.ts'
import { JoinCommandService } from './services/join-command-service.ts'
import { NodeService } from './services/node-service.ts'
import { OperatorService, operatorService } from './services/operator-service.ts'
import { Refusals } from './services/refusals.ts'
import { UnknownFields } from './services/unknown-fields.ts'
import { EndpointWatch } from './trust/endpoint-watch.ts'
import { fixedFacts } from './trust/fixed-facts.ts'
import { Statements } from './trust/statements.ts'
import { UnknownPins } from './trust/unknown-pins.ts'

/** The cluster and the store that core works on. */
export interface Grounds {
  /** The cluster itself: core puts before it what keeps a server from giving what it must not. */
  cluster: UnguardedCluster
  openStore: () => WritableStore
}

/** The cluster itself, counted if something counts. Only the guard has it, and whoever reads it by `ClusterReading`. */
const Unguarded = Symbol('Unguarded') as InjectionToken<UnguardedCluster>

/** The guarded parts of the cluster, of which others resolve only their own. */
const Guarded = Symbol('Guarded') as InjectionToken<ReturnType<typeof guardCluster>>

/** Registers every part of core. Reads the keys that `joinery-server init` made. */
export const registerCore = async (c: DependencyContainer, config: ServerConfig, grounds: Grounds): Promise<void> => {
  const { masterKeys, certificateAuthority, nextAuthority } = await readStateKeys(config.state)
  const identity: Identity = {
    server: config.agents.address,
    pin: pinOf(certificateAuthority),
    ...given({ nextPin: nextAuthority && pinOf(nextAuthority) }),
    // a machine that fetches its package trusts either
    certificateAuthority: `${certificateAuthority}${nextAuthority ?? ''}`
  }
  once(c, Identity, () => identity)
  registerBase(c, config)
  registerState(c, config, grounds)
  registerCredentials(c, config, masterKeys)
  registerSweeps(c, config, masterKeys)
  registerTrust(c, config)
  registerServices(c, config)
}

const pinOf = (pem: string): string => fingerprint(new X509Certificate(pem).publicKey)

/** Registers clocks, numbers, and the leader. */
const registerBase = (c: DependencyContainer, { agents }: ServerConfig): void => {
  once(c, Log, () => makeLog())
  once(c, Clock, () => systemClock)
  once(c, Monotonic, () => systemMonotonic)
  once(c, Random, () => systemRandom)
  once(c, Budgets, () => budgets)
  once(c, Leadership, () => alwaysLeads)
  once(c, KnownServers, () => onlyServer(agents.address))
  once(c, OtherServers, () => () => [])
  once(c, CallRates, (c) => new CallRates(c.resolve(Monotonic), undefined, ifThere(c, RateMeter)))
}

/** Registers the cluster and the store, each behind its guards, and the parts that read and write by them. */
const registerState = (c: DependencyContainer, config: ServerConfig, { cluster, openStore }: Grounds): void => {
  once(c, Unguarded, (c) => ifThere(c, Metered)?.cluster(cluster) ?? cluster)
  once(c, ClusterReading, (c) => c.resolve(Unguarded))
  once(c, Guarded, (c) =>
    guardCluster({ cluster: c.resolve(Unguarded), leadership: () => c.resolve(Leadership), bounds: c.resolve(Bounds) })
  )
  once(c, Giving, (c) => c.resolve(Guarded).giving)
  once(c, TakingAway, (c) => c.resolve(Guarded).takingAway)
  once(
    c,
    Bans,
    (c) =>
      new Bans({
        store: c.resolve(Store),
        names: c.resolve(Names),
        cluster: c.resolve(ClusterReading),
        turns: c.resolve(Guarded).banTurns
      })
  )
  once(c, WritableStore, openStore)
  for (const part of [Store, Names, CodeSearch, Ended, Sights, ObjectsAsked, StoreAge, Counts])
    once<object>(c, part, (c) => c.resolve(WritableStore))
  once(c, NoticeQueue, (c) => c.resolve(WritableStore).notices)
  once(c, AuditQueue, (c) => c.resolve(WritableStore).audit)
  once(
    c,
    Commits,
    (c) =>
      new Commits({
        store: c.resolve(WritableStore),
        leavesOf: c.resolve(LeavesOf),
        followers: () => all(c, Follower),
        monotonic: c.resolve(Monotonic),
        log: c.resolve(Log),
        ...given({ meter: ifThere(c, CommitMeter) })
      })
  )
  once(
    c,
    AgentPackages,
    (c) => new AgentPackages(c.resolve(WritableStore), join(config.state, 'packages'), config.agentPackage)
  )
  once(c, ReadClusterFacts, (c) => clusterFacts(c.resolve(ClusterReading), c.resolve(Clock), c.resolve(Monotonic)))
  once(c, ReadImageFacts, (c) =>
    imageFacts(c.resolve(ClusterReading), config.diagnosis === 'on', c.resolve(Monotonic), c.resolve(Log))
  )
  once(c, Waiting, (c) => new Waiting(undefined, ifThere(c, PollMeter)))
  once(
    c,
    UniqueMachines,
    (c) => new UniqueMachines({ store: c.resolve(Store), nodes: () => c.resolve(Reconciler).nodes })
  )
  once(
    c,
    Joins,
    (c) =>
      new Joins({
        ...common(c),
        sights: c.resolve(Sights),
        cluster: c.resolve(ClusterReading),
        monotonic: c.resolve(Monotonic),
        waiting: c.resolve(Waiting),
        most: config.joinsAtOnce ?? defaultJoinsAtOnce
      })
  )
  once(
    c,
    AttemptTimes,
    (c) =>
      new AttemptTimes({
        clock: c.resolve(Clock),
        monotonic: c.resolve(Monotonic),
        clusterNow: () => c.resolve(ClusterReading).now()
      })
  )
  registerFollowers(c)
  once(
    c,
    Enrolments,
    (c) =>
      new Enrolments({
        ...common(c),
        times: c.resolve(AttemptTimes),
        lifetimes: lifetimesOf(config)
      })
  )
}

/** Registers the followers of core. They come before those of features. */
const registerFollowers = (c: DependencyContainer): void => {
  const each = (name: string, take: (c: DependencyContainer, enrolment: EnrolmentDocument) => void): void =>
    also(c, Follower, (c) => ({
      name,
      take: ({ change }) => {
        for (const enrolment of change.enrolments ?? []) take(c, enrolment)
      }
    }))
  // from now on the time of an attempt that the commit opened is running
  each('attempt times', (c, enrolment) => void c.resolve(AttemptTimes).left(enrolment))
  each('unique machines', (c, enrolment) => c.resolve(UniqueMachines).note(enrolment))
  each('connection guard', (c, enrolment) => c.resolve(Connections).note(enrolment))
  each('waiting agents', (c, { key }) => c.resolve(Waiting).notify(key))
  also(c, Follower, (c) => noteEnrolments('joins', (id) => c.resolve(Joins).note(id)))
  also(c, Follower, (c) => new EntryLog(c.resolve(Log), c.resolve(Monotonic)))
}

/** Registers the parts that give credentials, and those that hold them to their bounds. */
const registerCredentials = (c: DependencyContainer, config: ServerConfig, masterKeys: MasterKeys): void => {
  const { credential, servingCertificates } = config
  once(
    c,
    Credentials,
    (c) =>
      new Credentials({
        ...common(c),
        ...acting(c),
        sleep: setTimeout,
        enrolments: c.resolve(Enrolments),
        bans: c.resolve(Bans),
        masterKeys,
        kind: credential
      })
  )
  once(
    c,
    Bounds,
    (c) =>
      new Bounds({
        cluster: c.resolve(ClusterReading),
        clock: c.resolve(Clock),
        log: c.resolve(Log),
        rights: { credential, serving: servingCertificates === 'approve' }
      })
  )
  once(
    c,
    Generations,
    (c) =>
      new Generations({
        ...common(c),
        age: c.resolve(StoreAge),
        monotonic: c.resolve(Monotonic),
        enrolments: c.resolve(Enrolments),
        credentials: c.resolve(Credentials),
        masterKeys
      })
  )
  once(c, Witnesses, (c) => new Witnesses({ ...common(c), masterKeys }))
}

/** Registers the parts that bring store and cluster together, pass by pass, and that prune. */
const registerSweeps = (c: DependencyContainer, config: ServerConfig, masterKeys: MasterKeys): void => {
  once(c, Outsiders, (c) => new Outsiders({ ...common(c), sights: c.resolve(Sights) }))
  once(c, LongestValidity, (c) => new LongestValidity(common(c)))
  once(c, BanList, (c) => new BanList(common(c)))
  once(
    c,
    Pruning,
    (c) =>
      new Pruning({
        ...common(c),
        ...acting(c),
        ended: c.resolve(Ended),
        packages: c.resolve(AgentPackages),
        retention: milliseconds(config.retention ?? defaultRetention),
        longestDays: c.resolve(LongestValidity).days
      })
  )
  once(
    c,
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
    c,
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
    c,
    ServingCertificates,
    (c) =>
      new ServingCertificates({
        ...common(c),
        ...acting(c),
        enrolments: c.resolve(Enrolments),
        resolve: c.resolve(Resolve)
      })
  )
  once(
    c,
    Reconciler,
    (c) =>
      new Reconciler({
        ...common(c),
        ...acting(c),
        sights: c.resolve(Sights),
        monotonic: c.resolve(Monotonic),
        clocks: new ClockWatch(common(c)),
        enrolments: c.resolve(Enrolments),
        lifetimes: lifetimesOf(config),
        credentials: c.resolve(Credentials),
        bans: c.resolve(Bans),
        bounds: c.resolve(Bounds),
        servingCertificates: config.servingCertificates === 'approve' ? c.resolve(ServingCertificates) : undefined,
        gates: new ServiceGates({
          ...common(c),
          ...acting(c),
          monotonic: c.resolve(Monotonic),
          enrolments: c.resolve(Enrolments),
          diagnosis: config.diagnosis === 'on'
        }),
        outsiders: c.resolve(Outsiders),
        housekeeping: c.resolve(Housekeeping),
        generations: c.resolve(Generations)
      })
  )
  once(
    c,
    Pacemaker,
    (c) =>
      new Pacemaker(c.resolve(Reconciler), c.resolve(Log), undefined, {
        ...given({ meter: ifThere(c, PassMeter) }),
        monotonic: c.resolve(Monotonic)
      })
  )
  also(c, Worker, (c) => ({ start: (stop) => c.resolve(Pacemaker).start(c.resolve(ClusterReading), stop) }))
}

/** Registers the word that the server signs for machines, and the watch over what they are told. */
const registerTrust = (c: DependencyContainer, { state, apiEndpoint }: ServerConfig): void => {
  once(
    c,
    EndpointWatch,
    (c) =>
      new EndpointWatch({
        ...common(c),
        // the configuration is the word of root, too
        fixed: async () => (apiEndpoint === undefined ? fixedFacts(join(state, 'kubeconfig')) : undefined)
      })
  )
  once(c, UnknownPins, (c) => {
    const { pin, nextPin } = c.resolve(Identity)
    return new UnknownPins({ ...common(c), announced: nextPin === undefined ? [pin] : [pin, nextPin] })
  })
  once(c, ReachedAt, (c) => () => withOthers(c.resolve(Identity), c.resolve(OtherServers)()))
  also(c, Worker, (c) => c.resolve(Statements))
  also(c, Worker, (c) => c.resolve(EndpointWatch))
}

/** Registers the calls of agents and operators. */
const registerServices = (c: DependencyContainer, config: ServerConfig): void => {
  const { credential } = config
  const diagnosis = config.diagnosis === 'on'
  once(c, Refusals, () => new Refusals())
  once(c, UnknownFields, () => new UnknownFields())
  once(c, CodeService, (c) =>
    codeService({
      ...common(c),
      codes: c.resolve(CodeSearch),
      enrolments: c.resolve(Enrolments),
      packages: c.resolve(AgentPackages),
      identity: c.resolve(ReachedAt),
      credential,
      diagnosis
    })
  )
  once(c, OperatorService, (c) =>
    operatorService({
      ...common(c),
      ...acting(c),
      enrolments: c.resolve(Enrolments),
      credentials: c.resolve(Credentials),
      credential,
      machines: c.resolve(UniqueMachines),
      clusterFacts: c.resolve(ReadClusterFacts),
      lifetimes: lifetimesOf(config),
      turnOf: (enrolment) => c.resolve(Joins).turnOf(enrolment),
      trouble: () => c.resolve(Reconciler).trouble,
      nudge: () => c.resolve(Pacemaker).nudge()
    })
  )
  once(c, NodeService, (c) => new NodeService({ ...common(c), outsiders: c.resolve(Outsiders) }))
  once(
    c,
    JoinCommandService,
    (c) =>
      new JoinCommandService({
        ...common(c),
        enrolments: c.resolve(Enrolments),
        credentials: c.resolve(Credentials),
        bans: c.resolve(Bans),
        credential,
        bounds: c.resolve(Bounds),
        generations: c.resolve(Generations),
        nudge: () => c.resolve(Pacemaker).nudge()
      })
  )
  once(c, AgentService, (c) =>
    agentService({
      ...common(c),
      names: c.resolve(Names),
      enrolments: c.resolve(Enrolments),
      waiting: c.resolve(Waiting),
      credentials: c.resolve(Credentials),
      bans: c.resolve(Bans),
      credential,
      bounds: c.resolve(Bounds),
      generations: c.resolve(Generations),
      machines: c.resolve(UniqueMachines),
      joins: c.resolve(Joins),
      clusterFacts: c.resolve(ReadClusterFacts),
      imageFacts: c.resolve(ReadImageFacts),
      rates: c.resolve(CallRates),
      repeated: new RepeatedRefusals(c.resolve(Monotonic)),
      ...given({ outcomes: ifThere(c, OutcomeMeter) }),
      recover: config.recover ?? 'ask',
      diagnosis,
      nodes: () => c.resolve(Reconciler).nodes,
      nudge: () => c.resolve(Pacemaker).nudge()
    })
  )
}
