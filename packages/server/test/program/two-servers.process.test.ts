import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@joinery/cli/testing/session'
import { connectionBroken } from '@joinery/fake-kubernetes'
import type { LeadershipStatus, Status } from '@joinery/protocol'
import { systemClock } from '@joinery/server/testing/base'
import { eventually, otherProcess } from '@joinery/testing/clocks/eventually'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { served } from '@joinery/testing/cluster/fake/served'
import { initServer } from '@joinery/testing/pairing/init-server'
import t, { type Test } from 'tap'
import { withFixedFacts } from '../../src/core/trust/fixed-facts.ts'
import { main } from '../support/server-process.ts'

// each start loads the whole server, on a machine that has more to do
t.setTimeout(120_000)

/** Starts the program on a host that has the keys of `keysOf`, if it is named. */
const start = async (t: Test, folder: string, name: string, kubeconfig: string, keysOf?: string) => {
  const state = join(folder, name)
  await mkdir(state, { recursive: true })
  if (keysOf !== undefined) {
    for (const file of ['ca.key', 'ca.crt', 'master.key']) await copyFile(join(folder, keysOf, file), join(state, file))
  }
  const [configFile, socket] = [join(folder, `${name}.yaml`), join(folder, `${name}.sock`)]
  await initServer({ stateDirectory: state, configFile, store: 'cluster' })
  const facts = { cluster: 'uid', apiEndpoint: '10.0.0.1:6443' }
  await writeFile(join(state, 'kubeconfig'), withFixedFacts(kubeconfig, facts))
  const made = await readFile(configFile, 'utf8')
  if (!made.includes('operators:')) {
    const listening = made.replace('agents:\n', 'agents:\n  listen: 127.0.0.1:0\n').replace('//127.0.0.1', `//${name}`)
    await writeFile(configFile, `${listening}\noperators: {socket: ${socket}}\n`)
  }
  const child = spawn(process.execPath, [main, 'run', '--config', configFile], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  t.teardown(() => child.kill('SIGKILL'))
  const operator = connect(socket)
  t.teardown(() => operator.close())
  return {
    child,
    ended: once(child, 'exit'),
    said: () => said,
    /** The status, once the leadership is so. */
    status: (isSo: (leadership: LeadershipStatus) => boolean): Promise<Status> =>
      eventually(
        `${name} says so`,
        async () => {
          const status = await operator.status().catch(() => undefined)
          if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`)
          return status?.leadership !== undefined && isSo(status.leadership) && status
        },
        otherProcess
      )
  }
}

const isActive = (leadership: LeadershipStatus): boolean => leadership.isActive
const standsBy = ({ isActive, active }: LeadershipStatus): boolean => !isActive && active !== undefined

/** A cluster for the servers of a test, with the hand of somebody who may write their Lease. */
const shared = async (t: Test) => {
  const cluster = await fakeCluster(systemClock, { secrets: true, log: true })
  const { kubeconfig, lease } = await served(t, cluster)
  return {
    kubeconfig,
    lease: lease.read,
    /** Writes this holder into the Lease, whoever renews it meanwhile. */
    give: (holder: string) =>
      eventually(`the Lease has the holder '${holder}'`, async () => {
        const seen = await lease.read()
        return seen && (await lease.write({ ...seen.spec, holder, seconds: 1 }, seen.version)) !== 'other'
      }),
    /** Breaks each connection from now on. */
    goAway: () => cluster.fake.api.faults.meet(() => Promise.reject(connectionBroken()))
  }
}

t.test('of two servers one is active; if it is killed, deposed or cut off, the other one is', async (t) => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const api = await shared(t)
  const a = await start(t, folder, 'a', api.kubeconfig)
  const { log: before } = await a.status(isActive)
  const b = await start(t, folder, 'b', api.kubeconfig, 'a')
  t.match((await b.status(standsBy)).leadership, { active: 'https://a:7443', term: 2 })

  a.child.kill('SIGKILL')
  await a.ended
  const { log } = await b.status(isActive)
  t.ok((log?.number ?? 0) > (before?.number ?? 0), 'it goes on with the log of the other one')
  t.equal(log?.term, (before?.term ?? 0) + 1)
  t.match(await api.lease(), { spec: { term: 3 } })

  await api.give('somebody')
  t.same(await b.ended, [1, null], 'systemd starts it again')
  t.match(b.said(), /this server is not the active one any more, it ends: somebody has the Lease\n/)

  await api.give('')
  const again = await start(t, folder, 'a', api.kubeconfig)
  await again.status(isActive)
  api.goAway()
  t.same(await again.ended, [1, null])
  t.match(
    again.said(),
    /this server is not the active one any more, it ends: the Lease could not be renewed for 8 s: .+\n/
  )
})

t.test('a server that cannot reach the API stands by, says so, and ends in good order', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const api = await shared(t)
  api.goAway()
  const a = await start(t, folder, 'a', api.kubeconfig)
  const status = await a.status(({ trouble }) => trouble !== undefined)
  t.match(status.leadership, { isActive: false, term: 0, trouble: /it closed the connection/, troubleSince: /Z$/ })
  t.match(status.remedies, [
    /^The certificate for agents does not name the host of https:\/\/a:7443, .*; joinery-server renew-leaf /,
    /^The setup of this host is of another version or configuration/,
    /^This server stands by, and could not take over \(.*journalctl/
  ])
  a.child.kill('SIGTERM')
  t.same(await a.ended, [0, null])
})
