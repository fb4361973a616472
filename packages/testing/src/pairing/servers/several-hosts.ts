import { randomBytes, randomUUID } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import { filesUnder } from '@joinery/host/files'
import { budgets, Clock, Log, Monotonic, makeLog, systemRandom } from '@joinery/server/testing/base'
import { loadConfig, type ServerConfig } from '@joinery/server/testing/config'
import type { LeaseObjects, LeaseSpec, Presences } from '@joinery/server/testing/leadership'
import { type LogObjects, OutcomeUnknown } from '@joinery/server/testing/log'
import { createContainer } from '@joinery/server/testing/program'
import { WatchedServers } from '@joinery/server/testing/rotation'
import {
  adoptOfCluster,
  adoptOfThisHost,
  HeadSight,
  logKeysOf,
  logPartsOf,
  openClusterStore,
  requireFollower,
  runOnCluster,
  seenHeadFile
} from '@joinery/server/testing/servers'
import type { Test } from 'tap'
import { eventually } from '../../clocks/eventually.ts'
import { shortSleep } from '../../clocks/short-sleep.ts'
import { TestClock } from '../../clocks/test-clock.ts'
import { type FakeCluster, fakeCluster } from '../../cluster/fake/fake-cluster.ts'
import { factsOfRehearsal, fixFacts } from '../../cluster/fix-facts.ts'
import { ownAddress } from '../../doors/own-address.ts'
import { FakeLease, FakePresences } from '../../log/fake-lease-objects.ts'
import { FakeLogObjects, type Snapshot } from '../../log/fake-log-objects.ts'
import { initServer } from '../init-server.ts'
import { factsOf, type TestMachine, testMachine } from '../test-machine.ts'

/** One process of a server. */
export interface Process {
  phases: string[]
  operator: SocketClient
  /** Resolves when it ended: with its error if it refused to start. */
  over: Promise<Error | undefined>
  /** Ends in good order. */
  end(): Promise<void>
  /** Is gone from one moment to the next: nothing of it reaches cluster or disk any more. */
  kill(): void
  /**
   * Lets the Lease of whoever had it run out. Resolves when this server is the active one, is killed or ended, and rejects with its
   * error if it refuses.
   */
  leads(): Promise<void>
  /** Resolves when this server has looked at the Lease twice again: what it saw before is known to it. */
  looks(): Promise<unknown>
}

export interface Host {
  name: string
  state: string
  /** URL of its server. */
  url: string
  /** The other servers, as a command of root's on this host sees them. Half a minute of theirs is a moment here. */
  others(): WatchedServers
  /** Starts the server. Resolves when it stands by. */
  start(): Promise<Process>
  /** Starts the server, and lets the Lease run out. Resolves when it is the active one. Rejects with its error if it refuses. */
  lead(): Promise<Process>
  /** `joinery-server store adopt`, while no server runs. Returns what it printed. */
  adopt(which: 'cluster' | 'local'): Promise<string[]>
}

/** etcd, as a snapshot has it. */
interface EtcdSnapshot {
  log: Snapshot
  lease: LeaseSpec | undefined
  generation: string | undefined
}

export interface SeveralHosts {
  cluster: FakeCluster
  objects: FakeLogObjects
  presences: FakePresences
  host(name: string): Promise<Host>
  /** Machine that finds the server that is active. */
  machine(): Promise<TestMachine>
  /** Lets time pass for all clocks at once. A server that runs meanwhile loses the Lease. */
  skip(milliseconds: number): void
  /** Lets no server move the head, until the test says so. `waits` resolves when a server would. */
  hold(): { waits: Promise<void>; goOn: () => void }
  /** Does this when a server, the one of this host, moves the head next. */
  atNextMove(act: (host: string) => void): void
  /** Does this when a server is about to write its memory of the log next. */
  atNextMemory(act: () => void): void
  snapshot(): Promise<EtcdSnapshot>
  putBack(etcd: EtcdSnapshot): Promise<void>
}

/**
 * Hosts with one log in one cluster: state folders, files and servers are real, and so is the way from the Lease to the listeners.
 * Only the objects of the cluster are fakes. A Lease is over when the test lets time pass. `isReachable`: machines reach each server at
 * its own URL, by a loopback address that no other test has.
 */
export const severalHosts = async (t: Test, { isReachable = false } = {}): Promise<SeveralHosts> => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  // the pauses of the servers keep no process alive
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  const [lease, presences] = [new FakeLease(), new FakePresences()]
  const objects = new FakeLogObjects({ sleep: shortSleep(1_000) })
  // hosts that share it stand still together, so that no Lease is over since this process was kept from running
  const clock = new TestClock(new Date())
  const { monotonic } = clock
  const cluster = await fakeCluster(clock)
  const facts = await factsOfRehearsal(cluster)
  let [pin, active, first, lives]: [string, string, string | undefined, number] = ['', '', undefined, 0]

  let held: { until: Promise<void>; reached: () => void } | undefined
  /** Servers that run: how often each has said that it is there, and whether it takes the Lease now. */
  const running = new Set<{ times: number; isTaking: () => boolean }>()
  let atNextMove: ((host: string) => void) | undefined
  let atNextMemory: (() => void) | undefined
  const moved = (name: string): void => {
    const act = atNextMove
    atNextMove = undefined
    act?.(name)
  }

  const host = async (name: string): Promise<Host> => {
    const state = join(folder, name)
    await mkdir(state, { recursive: true })
    if (first !== undefined) {
      for (const file of ['ca.key', 'ca.crt', 'master.key', 'audit.key'])
        await copyFile(join(folder, first, file), join(state, file))
    }
    first ??= name
    const address = isReachable ? ownAddress() : name
    const url = `https://${address}:7443`
    const configFile = join(folder, `${name}.yaml`)
    pin = await initServer({ stateDirectory: state, configFile, store: 'cluster' })
    const loaded = await loadConfig(configFile)
    await fixFacts(loaded, facts)

    const start = async (): Promise<Process> => {
      lives += 1
      const config: ServerConfig = {
        ...loaded,
        agents: { listen: isReachable ? `${address}:7443` : '127.0.0.1:0', address: url },
        operators: { socket: join(folder, `${lives}.sock`) }
      }
      let isDead = false
      const living = <Port extends object>(port: Port): Port =>
        new Proxy(port, {
          get: (target, key) => {
            const found: unknown = Reflect.get(target, key)
            if (typeof found !== 'function') return found
            return (...given: unknown[]) => {
              if (!isDead) return found.apply(target, given)
              const gone = new OutcomeUnknown('the host has no power')
              if (key === 'documents') throw gone
              return Promise.reject(gone)
            }
          }
        })
      const log = makeLog({ write: () => {} })
      const sleep = shortSleep(10, { ref: false })
      const [keys, client] = [await logKeysOf(state), objects.client()]
      const moveHead: LogObjects['moveHead'] = async (...given) => {
        held?.reached()
        await held?.until
        const answer = await client.moveHead(...given)
        if (answer === 'moved') moved(name)
        return answer
      }
      const port = living<LogObjects>({ ...client, moveHead })
      const file = seenHeadFile(state)
      /** Number of memories that are being written: the last thing before this server writes the Lease. */
      let remembering = 0
      const written = {
        ...file,
        write: async (seen: Parameters<typeof file.write>[0]) => {
          const act = atNextMemory
          atNextMemory = undefined
          act?.()
          // what it would do next is not done
          if (isDead) throw new Error('the host has no power')
          remembering += 1
          await file.write(seen).finally(() => {
            remembering -= 1
          })
        }
      }
      /** Id of this server, once it has written the Lease. */
      let holder: string | undefined
      let reads = 0
      const leasePort: LeaseObjects = {
        read: () => {
          reads += 1
          return lease.read()
        },
        write: async (spec, version) => {
          const written = await lease.write(spec, version)
          if (written !== 'other') holder = spec.holder
          return written
        }
      }
      const self = { times: 0, isTaking: (): boolean => remembering > 0 || (hasLease() && !isActive()) }
      const presencesPort: Presences = {
        list: () => presences.list(),
        announce: async (...given) => {
          await presences.announce(...given)
          self.times += 1
        },
        remove: (presence) => presences.remove(presence)
      }
      const common = { clock, monotonic, budgets, log }
      const [phases, stop] = [[] as string[], new AbortController()]
      const isActive = (): boolean => phases.includes('active')
      const hasLease = (): boolean => holder !== undefined && lease.now?.spec.holder === holder
      const run = async () => {
        const known = requireFollower(state)
        const sight = new HeadSight({ objects: port, keys, file: written, known, sleep, log })
        await sight.begin()
        return runOnCluster(
          {
            ...common,
            config,
            lease: living(leasePort),
            presences: living(presencesPort),
            sight,
            keys,
            openStore: (leading) =>
              openClusterStore({ ...leading, ...common, config, objects: port, sight, random: systemRandom }),
            makeContainer: async (store) => {
              const container = await createContainer(config, cluster, undefined, () => store)
              container.register(Log, { useValue: log })
              container.register(Clock, { useValue: clock })
              container.register(Monotonic, { useValue: monotonic })
              return container
            },
            clocks: () => ({ monotonic: monotonic(), wall: clock.now().getTime(), uptime: monotonic() }),
            sleep,
            endDeposed: (reason) => void phases.push(`ended: ${reason}`),
            heard: (phase) => void phases.push(phase)
          },
          stop.signal
        )
      }
      const ran = run()
      running.add(self)
      ran.catch(() => running.delete(self))
      const operator = connect(config.operators.socket)
      t.teardown(() => operator.close())
      /** Its test has ended it. */
      let isOver = false
      const end = async (): Promise<void> => {
        if (isOver) return
        isOver = true
        running.delete(self)
        stop.abort()
        const ended = ran.then(
          (server) => server?.close(),
          () => undefined
        )
        // a batch that was under way is never answered: the process would be gone
        if (!isDead) await ended
      }
      t.teardown(end)
      const over = ran.then(
        () => undefined,
        (error: Error) => error
      )
      await Promise.race([over, eventually(`${name} stands by`, () => phases.includes('standby'))])
      const isDone = (): boolean => isActive() || isDead || isOver
      /** Resolves when `holds`, or when there is nothing to wait for any more. Throws if the server refused. */
      const comesTo = async (what: string, holds: () => boolean): Promise<void> => {
        const refused = await Promise.race([over, eventually(`${name} ${what}`, () => isDone() || holds())])
        if (refused instanceof Error) throw refused
      }
      return {
        phases,
        operator,
        over,
        end,
        kill: () => {
          isDead = true
          running.delete(self)
        },
        looks: () => {
          const enough = reads + 2
          return comesTo('looks at the Lease', () => reads >= enough)
        },
        leads: async () => {
          while (!isDone()) {
            // it has to see the Lease before time passes, and none may pass while it or another one takes it: a write of the Lease
            // that is answered too late begins nothing
            const enough = reads + 2
            await comesTo('leads', () => reads >= enough && ![...running].some(({ isTaking }) => isTaking()))
            if (!isDone()) clock.advance(13_000)
          }
          if (isActive()) active = `https://127.0.0.1:${(await ran)?.port}`
        }
      }
    }
    return {
      name,
      state,
      url,
      others: () =>
        new WatchedServers({
          presences,
          own: url,
          cluster: async () => facts.cluster,
          monotonic,
          sleep: async (milliseconds) => {
            // each server that runs has renewed its Leases before as much time passes again
            clock.advance(milliseconds)
            // one may have been under way
            const enough = new Map([...running].map((one) => [one, one.times + 2]))
            await eventually('each server says that it is there', () =>
              [...running].every((one) => one.times >= (enough.get(one) ?? 0))
            )
          }
        }),
      start,
      lead: async () => {
        const process = await start()
        await process.leads()
        return process
      },
      adopt: async (which) => {
        const lines: string[] = []
        const log = makeLog({ write: () => {} })
        const port = objects.client()
        const keys = await logKeysOf(state)
        const memory = new HeadSight({
          objects: port,
          keys,
          file: seenHeadFile(state),
          known: undefined,
          sleep: async () => {},
          log
        })
        await memory.begin()
        const place = { config: { state }, objects: port, holder: randomUUID(), random: systemRandom, budgets, log }
        const parts = { ...(await logPartsOf(place)), mayGoOn: () => true }
        const adopt = which === 'cluster' ? adoptOfCluster : adoptOfThisHost
        await adopt({ state, log: parts, memory, now: clock.now(), print: (line) => void lines.push(line) })
        return lines
      }
    }
  }
  return {
    cluster,
    objects,
    presences,
    host,
    machine: async () => {
      const facts = factsOf(randomBytes(16).toString('hex'))
      const identity = await loadIdentity(filesUnder(folder), `/agent-${randomUUID()}`, facts)
      return testMachine(
        {
          get url() {
            return active
          },
          pin
        },
        identity,
        facts
      )
    },
    skip: (milliseconds) => {
      clock.advance(milliseconds)
    },
    hold: () => {
      const [end, waits] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      held = { until: end.promise, reached: waits.resolve }
      return { waits: waits.promise, goOn: end.resolve }
    },
    atNextMove: (act) => {
      atNextMove = act
    },
    atNextMemory: (act) => {
      atNextMemory = act
    },
    snapshot: async () => ({
      log: objects.snapshot(),
      lease: lease.now?.spec,
      generation: (await cluster.generation()).text
    }),
    putBack: async (etcd) => {
      objects.restore(etcd.log)
      lease.edit(etcd.lease)
      await cluster.writeGenerationAsAdmin(etcd.generation)
    }
  }
}
