import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCode } from '@joinery/protocol'
import { systemRandom } from '@joinery/server/testing/base'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { parse, stringify } from 'yaml'

const day = 24 * 3600_000

t.test('status of a server without trouble counts machines and codes, and has no remedies', async (t) => {
  const pairing = await openPairing(t)
  pairing.clock.advance(3600_000)
  const { code } = await pairing.code('worker-1')
  await pairing.code('worker-2')
  await (await pairing.machine()).enrol(code)
  await approve(pairing, 'worker-1')
  t.equal((await pairing.operator.status()).audit, undefined, 'the audit log shows once it has leaves')
  await pairing.audit()
  const status = await pairing.operator.status()
  t.match(status, {
    version: 'dev',
    started: /^2026-01-01T00:00:/,
    agents: { listen: '127.0.0.1:0', url: 'https://127.0.0.1:7443', pin: pairing.pin },
    operators: { socket: pairing.config.operators.socket },
    store: { path: join(pairing.config.state, 'joinery.db') },
    audit: { log: '2026', waiting: 0, trouble: undefined },
    joins: { now: 0, atMost: 2_000, joinsAtOnce: 2_000, waiting: 0 },
    codes: { open: 1 }
  })
  t.same(status.offers, ['dry-run', 'states'])
  t.same(status.cluster, { version: 'v1.37.2' })
  t.same(status.enrolments, {
    pending: 0,
    approved: 1,
    joining: 0,
    joined: 0,
    ready: 0,
    recovering: 0,
    frozen: 0,
    failed: 0,
    expired: 0,
    rejected: 0,
    removed: 0
  })
  t.same(status.alerts, { count: 0, last: [] })
  t.same(status.refusals, {})
  t.same(status.remedies, [])
  const parts = ['agents', 'alerts', 'audit', 'cluster', 'codes', 'enrolments', 'joins', 'offers', 'operators']
  const others = ['refusals', 'remedies', 'started', 'store', 'version']
  t.same(Object.keys(status).sort(), [...parts, ...others], 'and it says no more')
})

t.test('U22: status names a Node that is not Ready for minutes, and the list of Nodes says why', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  await pairing.cluster.setNodeReady('worker-1', 'False', 'KubeletNotReady', 'PLEG is not healthy')
  t.same((await pairing.operator.status()).remedies, [], 'it may boot')
  pairing.clock.advance(8 * 60_000)
  t.match((await pairing.operator.status()).remedies, [
    /^A Node is not Ready: worker-1 for 8m.*; see why: joinery why worker-1$/
  ])
  t.match((await pairing.operator.listNodes()).items, [{ message: 'KubeletNotReady: PLEG is not healthy' }])
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  t.same((await pairing.operator.status()).remedies, [])
})

t.test('status counts refusals of machines by code, but no typing error of an operator', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  for (const _ of [1, 2]) await refusedWith(machine.enrol(makeCode(systemRandom.bytes)))
  await refusedWith(pairing.operator.show('nobody'))
  t.same((await pairing.operator.status()).refusals, { 'code-not-accepted': 2 })
  await pairing.restart()
  t.same((await pairing.operator.status()).refusals, {})
})

t.test('status says since when the cluster is out of reach, and that it is back', async (t) => {
  const pairing = await openPairing(t)
  await pairing.cluster.goDown()
  await pairing.reconcile()
  pairing.clock.advance(60_000)
  const { cluster, remedies } = await pairing.operator.status()
  t.match(cluster, { trouble: { since: /^2026-01-01T00:00:/, reason: 'connection refused' } })
  t.notOk(cluster.version)
  t.match(remedies, [/^The Kubernetes API cannot be reached: .*connection refused; .*: kubectl .*readyz/])
  await pairing.cluster.comeBack()
  t.match(await pairing.operator.status(), { cluster: { version: 'v1.37.2' }, remedies: { length: 0 } })
})

t.test('status names the binding by which any bootstrap token could become any node', async (t) => {
  const pairing = await openPairing(t)
  const undo = await pairing.cluster.bindBootstrappersToNodeclient()
  const { cluster, remedies } = await pairing.operator.status()
  t.same(cluster, { version: 'v1.37.2' }, 'the cluster answers')
  t.match(remedies, [/auto-approve-csrs-for-group.*; delete that binding.*: joinery cluster doctor$/])
  await undo()
  t.same((await pairing.operator.status()).remedies, [])
})

t.test('status reports a configured agent package that is missing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-deb-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const agentPackage = join(folder, 'joinery-agent.deb')
  const pairing = await openPairing(t, { agentPackage })
  t.match((await pairing.operator.status()).remedies, [/^The agent package cannot be read: .*joinery-agent.deb/])
  await writeFile(agentPackage, 'a release')
  t.match(await pairing.operator.status(), { agentPackage, remedies: { length: 0 } })
})

t.test('status warns before token and certificate of the server end', async (t) => {
  const pairing = await openPairing(t)
  const [iat, exp] = ['2026-01-01', '2026-01-08'].map((date) => Date.parse(date) / 1000)
  const claims = Buffer.from(JSON.stringify({ iat, exp })).toString('base64url')
  const file = join(pairing.config.state, 'kubeconfig')
  const users = [{ name: 'joinery-server', user: { token: `e30.${claims}.c2ln` } }]
  await writeFile(file, stringify({ ...parse(await readFile(file, 'utf8')), users }))
  const { cluster, agents, remedies } = await pairing.operator.status()
  t.equal(cluster.credentialExpires, '2026-01-08T00:00:00.000Z')
  t.same(remedies, [])

  pairing.clock.advance(6 * day)
  t.match((await pairing.operator.status()).remedies, [/^The server's token .*2026-01-08.*; joinery-server setup /])

  pairing.clock.advance(Date.parse(agents.certificateExpires) - pairing.clock.now().getTime() - 10 * day)
  t.match((await pairing.operator.status()).remedies, [
    /token/,
    /^The certificate for agents .*; joinery-server renew-leaf/
  ])
})

t.test('status names the published address if the certificate does not name it', async (t) => {
  const pairing = await openPairing(t)
  await rm(join(pairing.config.state, 'ca.key'))
  pairing.config.agents.address = 'https://join.example.org:7443'
  await pairing.restart()
  t.match((await pairing.operator.status()).remedies, [
    /^The certificate for agents does not name the host of https:\/\/join\.example\.org:7443, .*; joinery-server renew-leaf /
  ])
})
