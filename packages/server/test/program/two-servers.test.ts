import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@joinery/cli/testing/session'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { FakeLease, FakePresences } from '@joinery/testing/log/fake-lease-objects'
import { FakeLogObjects } from '@joinery/testing/log/fake-log-objects'
import { initServer } from '@joinery/testing/pairing/init-server'
import t from 'tap'
import { budgets } from '../../src/core/base/budgets.ts'
import { systemClock, systemMonotonic } from '../../src/core/base/clock.ts'
import { Log, makeLog } from '../../src/core/base/log.ts'
import { systemRandom } from '../../src/core/base/random.ts'
import { loadConfig, type ServerConfig } from '../../src/core/config/config.ts'
import { systemClocks } from '../../src/core/leadership/clocks.ts'
import { HeadSight } from '../../src/features/high-availability/log/head-sight.ts'
import { createContainer } from '../../src/program/container.ts'
import { logKeysOf } from '../../src/program/log-parts-of.ts'
import { openClusterStore } from '../../src/program/open-cluster-store.ts'
import { runOnCluster } from '../../src/program/run-on-cluster.ts'
import { seenHeadFile } from '../../src/program/seen-head-file.ts'

t.test('what one server acknowledged is at the next one, over one log in the cluster', async (t) => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  // the pauses of the servers keep no process alive
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  const [lease, presences] = [new FakeLease(), new FakePresences()]
  const objects = new FakeLogObjects({ sleep: shortSleep(1_000) })
  const cluster = await fakeCluster(systemClock)
  const at = new Date().toISOString()
  // nobody has the Lease, and whoever had it gave it back
  await lease.write({ holder: '', term: 1, renewed: at, acquired: at, seconds: 1, address: '' }, undefined)

  const start = async (name: string, keysOf?: string) => {
    const state = join(folder, name)
    await mkdir(state, { recursive: true })
    if (keysOf !== undefined) {
      for (const file of ['ca.key', 'ca.crt', 'master.key'])
        await copyFile(join(folder, keysOf, file), join(state, file))
    }
    const configFile = join(folder, `${name}.yaml`)
    await initServer({ stateDirectory: state, configFile, store: 'cluster' })
    const config: ServerConfig = {
      ...(await loadConfig(configFile)),
      agents: { listen: '127.0.0.1:0', address: `https://${name}:7443` },
      operators: { socket: join(folder, `${name}.sock`) }
    }
    const [phases, ended]: [string[], string[]] = [[], []]
    const stop = new AbortController()
    const keys = await logKeysOf(state)
    const port = objects.client()
    const sleep = shortSleep(20)
    const file = seenHeadFile(state)
    const sight = new HeadSight({
      objects: port,
      keys,
      file,
      known: undefined,
      sleep,
      log: makeLog({ write: () => {} })
    })
    await sight.begin()
    const common = {
      config,
      clock: systemClock,
      monotonic: systemMonotonic,
      budgets,
      log: makeLog({ write: () => {} })
    }
    const running = runOnCluster(
      {
        ...common,
        lease,
        presences,
        sight,
        keys,
        openStore: ({ leadership, ...leading }) => {
          // the process of one that is deposed is gone. Here it closes, so its log must go on to answer what is under way
          const mayGoOn = {
            left: () => leadership.left(),
            require: () => leadership.require(),
            holds: () => leadership.holds() || ended.length > 0
          }
          return openClusterStore({
            ...common,
            ...leading,
            leadership: mayGoOn,
            objects: port,
            sight,
            random: systemRandom
          })
        },
        makeContainer: async (store) => {
          const container = await createContainer(config, cluster, undefined, () => store)
          container.register(Log, { useValue: common.log })
          return container
        },
        clocks: systemClocks,
        sleep,
        endDeposed: (reason) => void ended.push(reason),
        heard: (phase) => void phases.push(phase)
      },
      stop.signal
    )
    const operator = connect(config.operators.socket)
    t.teardown(() => operator.close())
    // before the folder goes: it writes there until it is closed
    t.teardown(async () => {
      stop.abort()
      const server = await running
      await server?.close()
    })
    return { config, running, operator, phases, ended, stop, sight }
  }

  const a = await start('a')
  const first = await a.running
  const { id } = await a.operator.createCode({ name: 'worker-1', ttl: 1800 })
  const before = await a.operator.status()
  t.match(before.leadership, { isActive: true, active: 'https://a:7443', term: 2 })
  t.ok((before.log?.number ?? 0) > 1, 'the code is in the log')
  t.equal(objects.head?.holder, lease.now?.spec.holder)

  const b = await start('b', 'a')
  await eventually('it stands by', () => b.phases.includes('standby'))
  t.match((await b.operator.status()).leadership, { isActive: false, active: 'https://a:7443' })
  await t.rejects(b.operator.listCodes({}), { code: 'not-active' })

  // it knows the log by then, and asks nothing again
  await eventually('it has seen the log', () => b.sight.seen?.logs[0]?.sight !== undefined)
  await first?.close()
  await b.running
  t.match((await b.operator.listCodes({})).items, [{ id, name: 'worker-1' }])
  const { leadership, log } = await b.operator.status()
  t.match(leadership, { isActive: true, active: 'https://b:7443', term: 3 })
  t.ok((log?.term ?? 0) > (before.log?.term ?? 0))

  const nameOfCode = () => [...objects.snapshot().documents.keys()].find((one) => one.includes(id))
  await eventually('the code is in the log', () => nameOfCode() !== undefined)
  const name = nameOfCode() ?? ''
  const document = objects.snapshot().documents.get(name)
  objects.edit(name, { ...document?.spec, mac: 'f'.repeat(64) })
  await b.operator.revokeCode(id)
  const alerts = async () => (await b.operator.status()).alerts
  await eventually('an alert', async () => (await alerts()).count > 0)
  t.match((await alerts()).last, [{ event: 'log-edited', detail: new RegExp(`somebody edited ${name} of the log`) }])
  // its leaf is in the audit log before that of what came after it
  await b.operator.createCode({ name: 'worker-2', ttl: 1800 })
  const leaves = async () => (await b.operator.listAudit({})).items.map(({ leaf }) => leaf?.event)
  await eventually('its leaf', async () => (await leaves()).includes('create'))
  t.ok((await leaves()).includes('log-edited'))

  const again = await start('a')
  await eventually('it stands by', () => again.phases.includes('standby'))
  lease.edit({ holder: 'somebody' })
  await eventually('it ends', () => b.ended.length > 0)
  const [reason, ...later] = b.ended
  // a slow host adds that the server was late
  t.match(reason, /^somebody has the Lease/)
  t.same(later, [])
  again.stop.abort()
  t.equal(await again.running, undefined)
  t.same([a.ended, again.ended], [[], []])
})
