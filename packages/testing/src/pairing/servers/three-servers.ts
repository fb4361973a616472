import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { openServers } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { filesUnder } from '@joinery/host/files'
import { exportKeys, readNewPassphrase, takeKeys } from '@joinery/server/testing/backup'
import { makeLog } from '@joinery/server/testing/base'
import { finishAuthority, rotateAuthority } from '@joinery/server/testing/rotation'
import type { Test } from 'tap'
import { eventually } from '../../clocks/eventually.ts'
import { shortSleep } from '../../clocks/short-sleep.ts'
import { initServer } from '../init-server.ts'
import { approve, claimToken } from '../steps.ts'
import { factsOf } from '../test-machine.ts'
import { type Host, type Process, severalHosts } from './several-hosts.ts'

const agentFolder = '/var/lib/joinery-agent'

const newFolder = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

/** Does the call again until it has a result, as agents and people do while servers come and go. */
export const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  const { value } = await eventually('a call has a result', () =>
    call().then(
      (value) => ({ value }),
      () => undefined
    )
  )
  return value
}

/** A server of a host, which starts and ends. */
export interface Place {
  host: Host
  process: Process
}

/** Servers on the hosts a, b and c, of which a is active, and what root does there. */
export const threeServers = async (t: Test) => {
  const world = await severalHosts(t, { isReachable: true })
  const keys = join(await newFolder(t), 'joinery.keys')
  const [a, b, c] = [await world.host('a'), await world.host('b'), await world.host('c')]
  const places: Place[] = [{ host: a, process: await a.lead() }]
  for (const host of [b, c]) places.push({ host, process: await host.start() })
  const isActive = ({ process: { phases } }: Place): boolean => phases.at(-1) === 'active'
  const end = async ({ process }: Place): Promise<void> => {
    await process.end()
    process.phases.push('over')
  }
  /** Starts the server, as systemd does until it stands by: the process of before may still have the port. */
  const start = async (place: Place): Promise<void> => {
    do {
      place.process = await place.host.start()
    } while (!place.process.phases.includes('standby'))
  }
  let passphrase = ''
  const print = (line: string): void => {
    if (line.startsWith('passphrase: ')) passphrase = readNewPassphrase(line.slice('passphrase: '.length))
  }
  const cluster = async () => ({ uid: 'uid', api: 'https://192.0.2.1:6443' })
  const common = ({ host }: Place) => ({ state: host.state, others: host.others(), now: new Date(), print })
  return {
    world,
    places: places as [Place, Place, Place],
    active: () => places.find(isActive),
    standby: () => places.filter((place) => !isActive(place)),
    /** The operator at the server that is active now. */
    get operator() {
      const place = places.find(isActive)
      if (place === undefined) throw new Error('no server is active')
      return place.process.operator
    },
    /** Does this while the server is stopped, as `systemctl stop` and `start` frame it. */
    stopped: async (place: Place, work: () => Promise<unknown>): Promise<void> => {
      await end(place)
      await work()
      await start(place)
    },
    start,
    end,
    /** Cuts the power of the host. */
    cut: async (place: Place): Promise<void> => {
      place.process.kill()
      await end(place)
    },
    begin: (place: Place) => rotateAuthority(common(place)),
    finish: (place: Place, away: string[] = []) =>
      finishAuthority({ ...common(place), published: place.host.url, away }),
    exports: async ({ host: { state } }: Place): Promise<void> => {
      await rm(keys, { force: true })
      await exportKeys({ state, file: keys, cluster, random: (bytes) => randomBytes(bytes), now: new Date(), print })
    },
    /** Does what `init --keys` does. */
    takes: async ({ host: { state } }: Place): Promise<void> => {
      await takeKeys({ state, file: keys, passphrase, cluster, print })
      await initServer({ stateDirectory: state, configFile: `${state}.yaml` })
    }
  }
}
export type Three = Awaited<ReturnType<typeof threeServers>>

/** A machine that has enrolled, with the user-data of a code that was made now, and the agent's own way to the servers. */
export const waitingMachine = async (t: Test, three: Three, name: string) => {
  const { code, install } = await insist(() => three.operator.createCode({ name, ttl: 86_400 }))
  let isOver = false
  t.teardown(() => {
    isOver = true
  })
  const pause = shortSleep(250)
  const place = await newFolder(t)
  const files = filesUnder(place)
  const facts = factsOf(randomBytes(16).toString('hex'))
  const identity = await loadIdentity(files, '/agent', facts)
  const { server } = openServers({
    config: install,
    files,
    stateDirectory: agentFolder,
    identity: async () => identity,
    clock: systemClock,
    log: makeLog({ write: () => {} })
  })
  const never = new AbortController().signal
  const asks = async () => (await insist(() => server.wait(0, 0, never)))?.state
  await insist(() => server.enrol({ code, name, facts, preflight: [] }))
  return {
    name,
    asks,
    /** Waits for its approval, and claims. */
    joins: async (): Promise<string> => {
      await insist(() => approve({ operator: three.operator } as never, name))
      await eventually(`${name} is approved`, async () => (await asks()) === 'approved')
      return (await insist(() => claimToken({ server }))).token
    },
    /** Asks until it may stop, as a machine does that waits for a person. */
    waits: async (mayStop: () => boolean): Promise<void> => {
      while (!mayStop() && !isOver) {
        await server.wait(0, 0, never).catch(() => {})
        // an agent's own pauses are longer still: without one, sixty machines use up the processor
        await pause(250)
      }
    },
    pins: async () => JSON.parse(await readFile(join(place, agentFolder, 'pins.json'), 'utf8'))
  }
}
