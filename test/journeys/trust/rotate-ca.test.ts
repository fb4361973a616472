import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { openServers } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { filesUnder } from '@joinery/host/files'
import { exportKeys, readNewPassphrase, takeKeys } from '@joinery/server/testing/backup'
import { finishAuthority, rotateAuthority } from '@joinery/server/testing/rotation'
import { stepLog } from '@joinery/testing/agents/agents'
import { type Host, type Process, severalHosts } from '@joinery/testing/pairing/servers/several-hosts'
import { approve, claimToken } from '@joinery/testing/pairing/steps'
import { factsOf } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'

// three servers, 60 machines and three sealed files, on a machine that has more to do
t.setTimeout(300_000)

const agentFolder = '/var/lib/joinery-agent'

const newFolder = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

let isOver = false

/** Waits a moment. After a test that failed nothing goes on. */
const pause = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  if (isOver) throw new Error('the test is over')
}

/** Waits for what the test looks at. The time-out of the test ends it. */
const until = async (holds: () => unknown): Promise<void> => {
  while (!(await holds())) await pause()
}

/** Does the call again until it has a result, as agents and people do while servers come and go. */
const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  for (;;) {
    const result = await call().then(
      (value) => ({ value }),
      () => undefined
    )
    if (result !== undefined) return result.value
    await pause()
  }
}

/** A server of a host, which starts and ends. */
interface Place {
  host: Host
  process: Process
}

/** Servers on the hosts a, b and c, of which a is active, and what root does there. */
const threeServers = async (t: Test) => {
  t.teardown(() => {
    isOver = true
  })
  isOver = false
  const world = await severalHosts(t, { isReachable: true })
  const keys = join(await newFolder(t), 'joinery.keys')
  const [a, b, c] = [await world.host('a'), await world.host('b'), await world.host('c')]
  const places: Place[] = [{ host: a, process: await a.lead() }]
  for (const host of [b, c]) places.push({ host, process: await host.start() })
  const isActive = ({ process: { phases } }: Place): boolean => phases.at(-1) === 'active'
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
      await place.process.end()
      await work()
      await start(place)
    },
    start,
    begin: (place: Place) => rotateAuthority(common(place)),
    finish: (place: Place, away: string[] = []) =>
      finishAuthority({ ...common(place), published: place.host.url, away }),
    exports: ({ host: { state } }: Place) =>
      exportKeys({ state, file: keys, cluster, random: (bytes) => randomBytes(bytes), now: new Date(), print }),
    takes: ({ host: { state } }: Place) => takeKeys({ state, file: keys, passphrase, cluster, print })
  }
}
type Three = Awaited<ReturnType<typeof threeServers>>

/** A machine with the user-data of a code that was made now, and the agent's own way to the servers. */
const machine = async (t: Test, three: Three, name: string) => {
  const { code, install } = await insist(() => three.operator.createCode({ name, ttl: 86_400 }))
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
    log: stepLog(() => {})
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
      await until(async () => (await asks()) === 'approved')
      return (await insist(() => claimToken({ server }))).token
    },
    /** Asks until it may stop, as a machine does that waits for a person. */
    waits: async (mayStop: () => boolean): Promise<void> => {
      while (!mayStop()) {
        await server.wait(0, 0, never).catch(() => {})
        await pause()
      }
    },
    pins: async () => JSON.parse(await readFile(join(place, agentFolder, 'pins.json'), 'utf8'))
  }
}

t.test('rotate-ca with three servers under load: 60 machines join meanwhile, none is locked out', async (t) => {
  const three = await threeServers(t)
  const [a, b, c] = three.places
  const { pin } = (await three.operator.status()).agents
  let mayStop = false
  const waiting = await Promise.all(Array.from({ length: 12 }, (_, index) => machine(t, three, `waits-${index}`)))
  const waits = waiting.map((one) => one.waits(() => mayStop))
  const joining: Promise<string>[] = []
  /** Twelve machines begin now, and join while the servers come and go. */
  const begin = (during: string): void => {
    for (let index = 0; index < 12; index += 1) joining.push(machine(t, three, `${during}-${index}`).then(joins))
  }
  const joins = async (one: Awaited<ReturnType<typeof machine>>): Promise<string> => {
    const token = await one.joins()
    // its kubelet is not there yet, and the agent asks on
    waits.push(one.waits(() => mayStop))
    return token
  }

  begin('begin')
  await three.stopped(b, () => three.begin(b))
  const next = (await b.process.operator.status()).agents.nextPin ?? ''
  t.match(next, /^sha256:/)
  t.not(next, pin)
  await t.rejects(three.finish(b), { message: new RegExp(`do not have the next CA: .*${a.host.url}`) })

  begin('keys')
  await three.exports(b)
  await three.stopped(c, () => three.takes(c))
  await three.stopped(a, () => three.takes(a))
  await until(() => three.active())
  await until(async () => (await insist(() => three.operator.status())).agents.untold === undefined)

  begin('finish')
  const [first, second] = three.standby() as [Place, Place]
  const last = three.active() as Place
  await three.stopped(first, () => three.finish(first))
  await until(() => last.process.phases.at(-1)?.startsWith('ended'))
  t.match(last.process.phases.at(-1), /^ended: .* serves by the next CA.*rotate-ca --finish/)
  await until(() => first.process.phases.at(-1) === 'active')
  await three.stopped(last, async () => {})
  const status = await last.process.operator.status()
  t.match(status.leadership, { isActive: false, trouble: /joinery-server rotate-ca --finish/ })
  t.match((await three.operator.status()).agents, { pin: next, nextPin: undefined })

  begin('after')
  for (const place of [second, last]) await three.stopped(place, () => three.finish(place))
  const tokens = await Promise.all(joining)
  mayStop = true
  await Promise.all(waits)
  tokens.push(...(await Promise.all(waiting.map((one) => one.joins()))))
  t.equal(new Set(tokens).size, 60)
  for (const { pins } of waiting) t.match(await pins(), { of: pin, pin: next })
})

t.test('a host that missed the rotation stands by and says so, and serves again with the keys file', async (t) => {
  const three = await threeServers(t)
  const [a, b, c] = three.places
  const open = await machine(t, three, 'worker-1')
  await c.process.end()
  await three.stopped(b, () => three.begin(b))
  await three.exports(b)
  await three.stopped(a, () => three.takes(a))
  await until(() => three.active())
  t.equal(await open.asks(), 'pending')
  const [first] = three.standby().filter((place) => place !== c) as [Place]
  const last = three.active() as Place
  await three.stopped(first, () => three.finish(first))
  await until(() => first.process.phases.at(-1) === 'active')
  await three.stopped(last, () => three.finish(last))
  t.equal(await open.asks(), 'pending', 'it has met the next key')

  await three.start(c)
  const { leadership } = await c.process.operator.status()
  t.match(leadership?.trouble, /^the CA was rotated without this host: .*joinery-server init --keys/)
  await first.process.end()
  await last.process.end()
  for (let looks = 0; looks < 5; looks += 1) {
    three.world.skip(13_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  t.same(c.process.phases, ['standby'], 'also if no other server is there')

  await three.exports(first)
  await three.stopped(c, () => three.takes(c))
  await c.process.leads()
  t.match((await c.process.operator.status()).agents, { pin: (await open.pins()).pin })
  t.equal(await open.asks(), 'pending')
  t.match(await open.joins(), /^[a-z0-9]{6}\./)
})

t.test('a power cut between any two steps of a rotation locks no machine out', async (t) => {
  const three = await threeServers(t)
  const [a, b, c] = three.places
  const open = await machine(t, three, 'worker-1')
  /** The active server loses its power. One of these takes over, and the other one comes back. */
  const cut = async (...next: Place[]): Promise<void> => {
    await until(() => three.active())
    const place = three.active() as Place
    place.process.kill()
    await place.process.end()
    place.process.phases.push('no power')
    await Promise.race(next.filter((one) => one !== place).map((one) => one.process.leads()))
    t.equal(await open.asks(), 'pending')
    await three.start(place)
  }
  await three.stopped(b, () => three.begin(b))
  await cut(a, b, c)
  await three.exports(b)
  for (const place of [c, a]) {
    await three.stopped(place, () => three.takes(place))
    await cut(a, b, c)
  }
  await until(async () => (await insist(() => three.operator.status())).agents.untold === undefined)
  const [first, second] = three.standby() as [Place, Place]
  const last = three.active() as Place
  await three.stopped(first, () => three.finish(first))
  await until(() => first.process.phases.at(-1) === 'active')
  await three.start(last)
  t.equal(await open.asks(), 'pending')
  await three.stopped(second, () => three.finish(second))
  await cut(second)
  await three.stopped(last, () => three.finish(last))
  await cut(first, second, last)
  t.match(await open.joins(), /^[a-z0-9]{6}\./)
})
