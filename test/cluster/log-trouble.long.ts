import t, { type Test } from 'tap'
import { startApiProxy } from './api-proxy.ts'
import { apiAway } from './servers/api-away.ts'
import { deskOf } from './servers/desk.ts'
import { disturbed } from './servers/disturbed-calls.ts'
import { fullDisk } from './servers/full-disk.ts'
import { openServers } from './servers/open-servers.ts'
import { type Outage, outlived } from './servers/outage.ts'
import { smallBudget } from './servers/small-budget.ts'
import { smallEtcd } from './servers/small-etcd.ts'
import type { OneServer } from './servers/three-servers.ts'

t.setTimeout(0)

/**
 * Three pairing servers of one installation on one real API server and its etcd, with which something is wrong: calls are slow, lost and
 * carried out twice, a disk is full, etcd is full, the API server is away. The machines are their protocol alone.
 */
const world = await openServers(t)
const { bed, servers } = world
const [first, second] = servers.all as [OneServer, OneServer]

const { only } = deskOf(world)

/** Seconds of each way: of the commits each must meet eleven fates. */
const ways = [
  ['slow', 30],
  ['commits', 45],
  ['all', 30]
] as const
t.test('machines join while calls overtake each other, and commits are answered late, twice or never', async (t) => {
  const kubeconfigs = servers.all.map(({ state }) => `${state}/kubeconfig`)
  const proxy = await startApiProxy(bed, kubeconfigs)
  const seed = Date.now() % 100_000
  for (const [index, [way, seconds]] of ways.entries()) {
    const order = { way, seed: seed + index, machines: 8, lanes: 8, seconds }
    await t.test(way, (t) => disturbed(t, world, proxy, order))
  }
  await proxy.end()
})

t.test('a disk that is full at the COMMIT after the head', (t) => fullDisk(t, world))

const full = /etcd is full: .*database space exceeded/
t.test('an etcd that is full', async (t) => {
  await only(first, second)
  const etcd = await smallEtcd(bed)
  const end = async (): Promise<number> => {
    const over = Date.now()
    await etcd.makeRoom()
    return over
  }
  await outlived(t, world, { name: 'etcd-full', servers: [first, second], begin: etcd.fill, end, says: full })
  await etcd.end()
})

const isAway = (t: Test, how: 'stopped' | 'killed', says: RegExp): Promise<void> =>
  only(first, second).then(() =>
    outlived(t, world, { name: how, servers: [first, second], says, ...apiAway(bed, how) })
  )
const since = 'since \\d{4}-\\d\\d-\\d\\dT[\\d:]+Z \\(\\d+s\\): https://[^ ]+: '
t.test('an API server that is killed and stays away for 20 s', (t) => isAway(t, 'killed', new RegExp(`${since}.*`)))
t.test('an API server that is stopped for 20 s', (t) => isAway(t, 'stopped', new RegExp(`${since}no answer in time`)))

t.test('the budget of the log is spent', async (t) => {
  await only(first)
  const program = await smallBudget(bed, first)
  await first.signal('SIGTERM')
  await first.start(program)
  await servers.untilActive()
  const outage: Outage = {
    name: 'budget',
    servers: [first],
    begin: async () => {
      for (let made = 1; made < 100; made += 1) {
        const { code } = await first.joinery('code', 'create', '--name', `filling-${made}`)
        if (code !== 0) return
      }
      throw new Error('the budget takes it all')
    },
    // what is started again has the usual budget
    end: async () => {
      const over = Date.now()
      await first.signal('SIGTERM')
      return over
    },
    says: /since \d{4}[^ ]+ \(\d+s\): the documents take .* of etcd, and may take .*/
  }
  await outlived(t, world, outage)
})
