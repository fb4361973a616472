import { execFile } from 'node:child_process'
import { fstatSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isJournal } from '@joinery/host/text/journal-line'
import { watchdogInterval } from '@joinery/host/watchdog-interval'
import { connectionTo } from '@joinery/kube'
import { given } from '@joinery/protocol/given'
import { Command } from 'commander'
import type { DependencyContainer } from 'tsyringe'
import { keepCredential } from '../adapters/kubernetes/credential/keep-credential.ts'
import { kubernetesCodes } from '../adapters/kubernetes/door/codes.ts'
import { kubernetesDecisions } from '../adapters/kubernetes/door/decisions.ts'
import { kubernetesViews } from '../adapters/kubernetes/door/kubernetes-views.ts'
import { kubernetesCluster } from '../adapters/kubernetes/kubernetes-cluster.ts'
import { kubernetesLog } from '../adapters/kubernetes/log/kubernetes-log.ts'
import { kubernetesNodeEvents } from '../adapters/kubernetes/nodes/node-events.ts'
import { budgets } from '../core/base/budgets.ts'
import { type Clock, systemClock, systemMonotonic } from '../core/base/clock.ts'
import { Log, type Logger, makeLog } from '../core/base/log.ts'
import { Nap } from '../core/base/nap.ts'
import { systemRandom } from '../core/base/random.ts'
import { startWatchdog } from '../core/base/watchdog.ts'
import { loadConfig, type ServerConfig } from '../core/config/config.ts'
import { forwardedPort } from '../core/config/forwarded-port.ts'
import { finishKeyChange } from '../core/keys/key-change.ts'
import { systemClocks } from '../core/leadership/clocks.ts'
import type { Leadership } from '../core/leadership/leadership.ts'
import { clusterClock } from '../core/ports/cluster/cluster-clock.ts'
import { ClusterReading } from '../core/ports/cluster/cluster-reading.ts'
import { NodeEvents } from '../core/ports/cluster/node-events.ts'
import { Codes } from '../core/ports/objects/codes.ts'
import { Decisions } from '../core/ports/objects/decisions.ts'
import type { WritableStore } from '../core/ports/store/store.ts'
import { takeState } from '../core/ports/store/take-state.ts'
import { HeadSight } from '../features/high-availability/feature.ts'
import { clusterObjects } from '../program/cluster-objects.ts'
import { createContainer } from '../program/container.ts'
import { endDeposed } from '../program/end-process.ts'
import { logKeysOf } from '../program/log-parts-of.ts'
import { requireFollower } from '../program/moving/require-follower.ts'
import { requireNoLog } from '../program/moving/require-no-log.ts'
import { openClusterStore } from '../program/open-cluster-store.ts'
import { runOnCluster } from '../program/run-on-cluster.ts'
import { seenHeadFile } from '../program/seen-head-file.ts'
import { type Running, serve } from '../program/serve.ts'
import { defaultConfigFile } from './paths.ts'

const examples = `Examples:
  systemctl enable --now joinery-server         as a service: the usual way
  joinery-server run                            in the foreground
`

export const runCommand = (): Command =>
  new Command('run')
    .summary('serve agents and operators')
    .addHelpText('before', examples)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { config: string }) => {
      const config = await loadConfig(options.config)
      // before anything of the state is read, and before the socket is taken
      const taken = takeState(config.state)
      await finishKeyChange(config.state)
      const parts = programParts(config)
      const stop = new AbortController()
      const begun: { stop(): void }[] = []
      const hear = heard(parts, begun)
      const serving = config.store === 'cluster' ? serveCluster(parts, hear, stop.signal) : serveFile(parts)
      const end = () => {
        stop.abort()
        for (const part of begun) part.stop()
        // if it could not start, the action says so
        const closed = serving.then(
          (running) => running?.close(),
          () => {}
        )
        void closed.finally(() => taken.release())
      }
      // before an operator is answered, who may then end the server in good order
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end)
      await serving
      if (!stop.signal.aborted) await hear('active')
    })

/** Parts of the program that are there with every store. */
interface ProgramParts {
  config: ServerConfig
  kubeconfig: string
  log: Logger
  /** The clock of the cluster, once the server has one. */
  clock: Clock
  /** Puts the server together. With `leading` over its store, and the calls to the cluster end before its leadership does. */
  make(leading?: { store: WritableStore; leadership: Leadership }): Promise<DependencyContainer>
}

const programParts = (config: ServerConfig): ProgramParts => {
  const kubeconfig = join(config.state, 'kubeconfig')
  const log = makeLog(undefined, {
    forJournal: isJournal(process.env, fstatSync(1)),
    ...given({ format: config.logFormat })
  })
  let made: DependencyContainer | undefined
  return {
    config,
    kubeconfig,
    log,
    clock: {
      now: () => (made === undefined ? systemClock : clusterClock(made.resolve(ClusterReading), systemClock)).now()
    },
    make: async (leading) => {
      const { apiEndpoint } = config
      const cluster = kubernetesCluster(kubeconfig, given({ apiEndpoint, leadership: leading?.leadership }))
      const openStore = leading && (() => leading.store)
      const access = connectionTo(kubeconfig)
      const container = await createContainer(config, cluster, { views: kubernetesViews(access) }, openStore)
      container.register(Decisions, { useValue: kubernetesDecisions(access) })
      container.register(Codes, { useValue: kubernetesCodes(access) })
      container.register(NodeEvents, { useValue: kubernetesNodeEvents(access) })
      container.register(Log, { useValue: log })
      made = container
      return container
    }
  }
}

const serveFile = async ({ config, kubeconfig, log, make }: ProgramParts): Promise<Running> => {
  await requireNoLog(kubernetesLog(connectionTo(kubeconfig, { timeout: headPatience })), log)
  return serve(await make(), config)
}

/** Milliseconds to wait for an answer about the head. A server with its store in a file starts without the cluster, too. */
const headPatience = 2000

type Hear = (phase: 'standby' | 'active') => Promise<void>

/** Begins, when the server answers for the first time, what a running server does beside; and tells systemd what it does. */
const heard = ({ config, kubeconfig, log, clock }: ProgramParts, begun: { stop(): void }[]): Hear => {
  const timers = { setInterval, clearInterval }
  const tell = (...words: string[]) => promisify(execFile)('systemd-notify', words)
  const begin = () => {
    const forwarded = forwardedPort(config.agents)
    if (forwarded !== undefined) log.warn(forwarded)
    begun.push(keepCredential({ kubeconfigFile: kubeconfig, clock, log, timers }))
    const every = watchdogInterval(process.env, process.pid)
    if (every !== undefined) begun.push(startWatchdog({ every, ping: () => tell('WATCHDOG=1'), timers }))
  }
  return async (phase) => {
    const { agents, operators } = config
    log.info({ agents: agents.listen, operators: operators.socket }, phase === 'active' ? 'serving' : 'standing by')
    if (begun.length === 0) begin()
    // `systemctl start` ends now: an operator's next command finds the socket
    if (process.env.NOTIFY_SOCKET !== undefined) await tell('--ready', `--status=${words[phase]}`)
  }
}

const words = { standby: 'stands by: another server is active', active: 'active' } as const

/** Runs one of several servers, which stands by first. */
const serveCluster = async (
  { config, kubeconfig, log, make }: ProgramParts,
  hear: Hear,
  stop: AbortSignal
): Promise<Running | undefined> => {
  const known = requireFollower(config.state)
  const { lease, presences, log: objects } = clusterObjects(kubeconfig)
  const common = { clock: systemClock, monotonic: systemMonotonic, budgets, log }
  const sleep = (milliseconds: number, signal: AbortSignal) => new Nap().sleep(milliseconds, signal)
  const { state } = config
  const keys = await logKeysOf(state)
  const sight = new HeadSight({ objects, keys, file: seenHeadFile(state), known, sleep, log })
  await sight.begin()
  return runOnCluster(
    {
      ...common,
      config,
      lease,
      presences,
      sight,
      keys,
      openStore: (leading) => openClusterStore({ ...leading, ...common, config, objects, sight, random: systemRandom }),
      makeContainer: (store, leadership) => make({ store, leadership }),
      clocks: systemClocks,
      sleep,
      endDeposed,
      heard: (phase) => {
        // the action hears of the rest
        if (phase === 'standby') void hear(phase).catch((err) => log.error({ err }, 'systemd does not hear of it'))
      }
    },
    stop
  )
}
