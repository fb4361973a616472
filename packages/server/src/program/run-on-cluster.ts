import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { hostname } from 'node:os'
import type { LeadershipStatus, LogStatus } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { DependencyContainer } from 'tsyringe'
import type { Budgets } from '../core/base/budgets.ts'
import type { Clock, Monotonic } from '../core/base/clock.ts'
import type { Logger } from '../core/base/log.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { type ForkParts, type LogLine, settleFork } from '../core/generation/settle-fork.ts'
import { readStateKeys } from '../core/keys/state-keys.ts'
import { authorityWord } from '../core/leadership/authority-word.ts'
import type { ReadClocks } from '../core/leadership/clocks.ts'
import { type Leadership, Leadership as leadershipToken } from '../core/leadership/leadership.ts'
import { LeaseKeeper, type Sleep } from '../core/leadership/lease-keeper.ts'
import type { LeaseObjects } from '../core/leadership/lease-objects.ts'
import type { Presences } from '../core/leadership/presences.ts'
import { AnnouncedServers, KnownServers } from '../core/leadership/servers.ts'
import { SharedState } from '../core/leadership/shared-state.ts'
import type { LogKeys } from '../core/ports/log/log-keys.ts'
import { readLost, tellLost } from '../core/ports/log/lost-branch.ts'
import type { WritableStore } from '../core/ports/store/store.ts'
import { OtherServers } from '../core/services/code/other-servers.ts'
import { fixedCluster } from '../core/trust/fixed-facts.ts'
import type { HeadSight } from '../features/high-availability/feature.ts'
import { type Running, serve, settlingParts } from './serve.ts'
import { openStandby } from './standby.ts'

/** The store behind the log, which this server has taken over. */
export interface OpenedStore {
  store: WritableStore
  facts(): LogStatus
  /** Has the log looked at soon, because etcd may have been restored. */
  doubt(): void
  /** The line of the log, for a fork that is found later. */
  line: LogLine
  /** Sends nothing more to the log. Resolves when nothing is under way. */
  close(): Promise<void>
}

/** Everything that a server which has become the active one opens its store with. */
export interface Leading {
  leadership: Leadership
  /** Id of this process, as the Lease has it. */
  holder: string
  /** Called if somebody else has written the head: the process must end. */
  deposed: (reason: string) => void
}

export interface ClusterParts {
  config: ServerConfig
  lease: LeaseObjects
  presences: Presences
  /** Looks how far the log comes, while this server stands by. */
  sight: Pick<HeadSight, 'follow' | 'taking' | 'newer' | 'lost'>
  /** Keys by which the servers say what they have that the log went on without. */
  keys: readonly [LogKeys, ...LogKeys[]]
  /** Opens the store once this server leads. */
  openStore: (leading: Leading) => Promise<OpenedStore>
  /** Puts the server together over this store. `leadership`: the calls to the cluster end before it does. */
  makeContainer: (store: WritableStore, leadership: Leadership) => Promise<DependencyContainer>
  clocks: ReadClocks
  clock: Clock
  monotonic: Monotonic
  sleep: Sleep
  budgets: Budgets
  log: Logger
  /** Ends the process, because this server is not the active one any more. */
  endDeposed: (reason: string) => void
  /** Hears what the server does now. */
  heard: (phase: 'standby' | 'active', port: number) => void
}

/**
 * Runs one of several servers: it stands by, takes the Lease, takes the log over, and serves where it stood by. The listeners change when
 * the active ones have everything that they need. Returns undefined if `stop` aborted while it stood by. A server that loses the
 * Lease ends its process, and comes back as another one that stands by.
 */
export const runOnCluster = async (parts: ClusterParts, stop: AbortSignal): Promise<Running | undefined> => {
  const { config, clock, monotonic, budgets, log, heard, endDeposed } = parts
  const { masterKeys, ...authorities } = await readStateKeys(config.state)
  const own = { holder: `${hostname()}_${randomUUID()}`, address: config.agents.address }
  const keeper = new LeaseKeeper({
    ...parts,
    objects: parts.lease,
    own,
    lost: endDeposed,
    rewritten: () => opened?.doubt(),
    taking: (found, lease) => parts.sight.taking({ found, acquired: lease.acquired }),
    isBarred: () => servers.replaced !== undefined
  })
  const servers = new AnnouncedServers({
    ...parts,
    own,
    authority: authorityWord(authorities),
    active: () => keeper.active,
    masterKeys,
    cluster: () => fixedCluster(config.state),
    holds: () => keeper.holds(),
    lost: () => {
      const { lost } = parts.sight
      return opened === undefined && lost !== undefined ? tellLost(own.address, lost, parts.keys[0]) : undefined
    },
    heardLost: async (...said) => serving && settle(serving, ...said),
    heardReplaced: (reason) => void handOver?.(reason)
  })
  const settle = async (settling: ForkParts, server: string, text: string): Promise<void> => {
    const lost = readLost(server, text, parts.keys)
    if (lost !== undefined) await settleFork(settling, { lost, server })
  }
  let [opened, passive, isServing]: [OpenedStore?, string?, boolean?] = []
  let serving: ForkParts | undefined
  let handOver: ((reason: string) => void) | undefined
  const waiting = new AbortController()
  const shared: SharedState = {
    // while it takes over it still answers as one that stands by
    leadership: () => ({
      ...leadershipOf(
        keeper,
        activeOf(servers),
        passive ?? servers.replaced ?? (waiting.signal.aborted ? undefined : parts.sight.newer)
      ),
      isActive: isServing === true && keeper.holds()
    }),
    log: () => opened?.facts()
  }
  const over = new AbortController()
  // the first answer names all servers that are there
  await servers.round()
  const standby = await openStandby({
    config,
    shared,
    servers,
    untilOver: () => keeper.untilOver,
    clock,
    monotonic,
    budgets,
    log
  })
  const announced = servers.start(over.signal)
  const followed = parts.sight.follow(
    waiting.signal,
    () => keeper.renewal && { holder: keeper.renewal.holder, at: keeper.renewal.renewed },
    () => servers.sayNow()
  )
  const endAll = async (): Promise<void> => {
    over.abort()
    waiting.abort()
    await Promise.all([standby.close(), announced, followed])
    await opened?.close()
    // last: from now on another server may take over at once
    await keeper.release()
  }
  heard('standby', standby.port)
  try {
    if (!(await keeper.lead(stop))) return void (await endAll())
    waiting.abort()
    await followed
    log.info({ term: keeper.seen?.term }, 'this server has the Lease, and takes the log over')
    // if the log sees first that the time is over, only the keeper knows why
    const deposed = (reason: string): void => endDeposed(keeper.reasonToGiveUp ?? reason)
    const leading: Leading = { leadership: keeper, holder: own.holder, deposed }
    opened = await parts.openStore(leading)
    const container = await parts.makeContainer(opened.store, keeper)
    container.register(leadershipToken, { useValue: keeper })
    container.register(KnownServers, { useValue: servers })
    container.register(SharedState, { useValue: shared })
    container.register(OtherServers, { useValue: () => servers.others() })
    const settling = { ...settlingParts(container), line: opened.line }
    // before an old store can give anybody anything
    await servers.hear((...said) => settle(settling, ...said), over.signal)
    const running = await serve(container, config, () => standby.close())
    isServing = true
    serving = settling
    let closing: Promise<void> | undefined
    const close = (): Promise<void> => {
      closing ??= running.close().then(endAll)
      return closing
    }
    // in good order, so that a server with the later CA is active at once
    handOver = (reason) => {
      handOver = undefined
      void close().finally(() => endDeposed(reason))
    }
    heard('active', running.port)
    return { ...running, close }
  } catch (error) {
    if (!isNewer(error)) {
      await endAll()
      throw error
    }
    // a server of an earlier version in a rolling upgrade: it says so, and leaves the log to those that can read it
    passive = error.message
    log.error({ reason: passive }, 'this server cannot take the log over, and stands by until it is upgraded')
    await keeper.release()
    if (!stop.aborted) await once(stop, 'abort')
    return void (await endAll())
  }
}

/** True if a newer server wrote the log: there is nothing wrong with it. */
const isNewer = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'log-newer'

/** The URL of the active server. The address in its Lease counts only if a server has proven that it is its own. */
const activeOf = (servers: Pick<KnownServers, 'list'>): string | undefined =>
  servers.list().find(({ state }) => state === 'active')?.url

const leadershipOf = (
  keeper: LeaseKeeper,
  active: string | undefined,
  passive: string | undefined
): Omit<LeadershipStatus, 'isActive'> => {
  const { seen, troubledSince } = keeper
  return {
    term: seen?.term ?? 0,
    ...(active !== undefined && { active, ...given({ since: seen?.acquired }) }),
    ...given({ trouble: passive ?? keeper.trouble }),
    ...(troubledSince !== undefined && { troubleSince: new Date(troubledSince).toISOString() })
  }
}
