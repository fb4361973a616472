import type { EnrolmentView, InstallationView } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, enrolled, refusedWith } from '@joinery/testing/pairing/steps'
import { factsOf } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

const views = ({ cluster }: Pairing) => cluster.views.statuses('enrolments') as Map<string, EnrolmentView>
const shown = async ({ operator, cluster }: Pairing, name: string) => {
  const { id } = await operator.show(name)
  return cluster.views.statuses('enrolments').get(id) as EnrolmentView | undefined
}
const isShown = (pairing: Pairing, name: string, state: string) =>
  eventually(`${name} is shown ${state}`, async () => {
    const view = await shown(pairing, name)
    return view?.state === state && view
  })

t.test('a machine is shown from its enrolment to its Node, as joinery shows it', async (t) => {
  const pairing = await openPairing(t)
  const installation = await eventually('the installation', async () =>
    pairing.cluster.views.statuses('installations').get('joinery')
  )
  const { install } = await pairing.code()
  const { version } = await pairing.operator.status()
  const { statement, conditions, observedGeneration, ...unsigned } = installation as InstallationView
  t.same(unsigned, { ...install, version })
  t.type(statement, 'string')
  t.match(
    conditions,
    [{ type: 'Ready', status: 'True', reason: 'Signed' }],
    'O3: also for programs that know nothing of it'
  )
  t.equal(observedGeneration, 1)

  const machine = await enrolled(pairing)
  const pending = await isShown(pairing, 'worker-1', 'pending')
  const { key, revision, address, code } = await pairing.operator.show('worker-1')
  t.match(pending, { name: 'worker-1', role: 'worker', key, revision, address, code })
  t.match(pending, { machine: { os: machine.facts.os, kubelet: machine.facts.kubelet } })
  t.equal(
    (await approve(pairing, 'worker-1')).state,
    'approved',
    'the revision that is shown is what an approval covers'
  )
  await isShown(pairing, 'worker-1', 'approved')
  const { token } = await claimToken(machine)
  await isShown(pairing, 'worker-1', 'joining')
  const [id = '', secret = ''] = token.split('.')
  for (const hidden of [token, id, secret]) t.notMatch(JSON.stringify([...views(pairing)]), hidden)

  await ready(pairing, 'worker-2')
  const joined = await eventually('its Node is shown', async () => {
    const view = await shown(pairing, 'worker-2')
    return view?.state === 'ready' && view.node?.condition === 'Ready' && view
  })
  const holding = joined.conditions?.flatMap(({ type, status }) => (status === 'True' ? [type] : []))
  t.same(holding, ['Approved', 'Joined', 'Ready'], 'O3: kubectl wait --for=condition=Ready ends')
  t.equal(joined.node?.uid, (await pairing.operator.show('worker-2')).node?.uid)
  await pairing.operator.reject('worker-1', { reason: 'not mine' })
  t.equal((await isShown(pairing, 'worker-1', 'rejected')).message, 'rejected: not mine')
})

t.test('a kubelet that only says that it lives makes no write', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  await isShown(pairing, 'worker-1', 'ready')
  const quiet = async () => {
    let [before, same] = [-1, 0]
    return eventually('no write comes any more', async () => {
      const writes = pairing.cluster.views.writes()
      same = writes === before ? same + 1 : 0
      before = writes
      return same === 3 && writes
    })
  }
  const writes = await quiet()
  for (let count = 0; count < 5; count += 1) {
    await pairing.cluster.heartbeat('worker-1')
    await pairing.reconcile()
  }
  t.equal(await quiet(), writes)
})

t.test('a hostile machine is shown escaped and cut, and is shown at all', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  const nasty = '\u001b[31m\u202e\u0007'
  const facts = {
    ...factsOf('m'),
    os: nasty.repeat(128).slice(0, 128),
    serial: nasty.repeat(128).slice(0, 128),
    arch: nasty.repeat(32).slice(0, 32),
    kubelet: nasty.repeat(64).slice(0, 64),
    cpus: 65_536,
    memory: Number.MAX_SAFE_INTEGER
  }
  const preflight = Array.from({ length: 100 }, (_, index) => ({
    name: `${nasty}${'x'.repeat(50)}${index}`.slice(0, 64),
    verdict: 'fail' as const,
    finding: nasty
  }))
  await machine.enrol(code, { facts, preflight })
  const view = await isShown(pairing, 'worker-1', 'pending')
  t.match(JSON.stringify(view), /^[\x20-\x7e]+$/)
  t.ok(Buffer.byteLength(JSON.stringify(view)) <= 2048)
  t.ok(view.preflight.fail.length > 0)
  t.notMatch(pairing.log, /does not take what it must show/)
})

t.test('what somebody edits, deletes or makes is undone, and changes nothing for the machine', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing)
  const before = await isShown(pairing, 'worker-1', 'pending')
  const { id } = await pairing.operator.show('worker-1')
  pairing.cluster.views.editAsAdmin('enrolments', id, { ...before, state: 'approved' })
  const foreign = '6b6f7a39-5ad3-4f70-9a4b-0f2c5c1e9d11'
  pairing.cluster.views.editAsAdmin('enrolments', foreign, { ...before, state: 'ready' })
  await eventually('it is undone', async () => {
    const found = views(pairing)
    return !found.has(foreign) && found.get(id)?.state === 'pending'
  })
  t.equal((await pairing.operator.show('worker-1')).state, 'pending')
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
  pairing.cluster.views.deleteAsAdmin('enrolments', id)
  t.same(await isShown(pairing, 'worker-1', 'pending'), before)
})

t.test('a cluster that an earlier version set up joins machines as before, and status names the remedy', async (t) => {
  const pairing = await openPairing(t, {}, async (cluster) => void cluster.views.deleteDefinitions())
  await ready(pairing, 'worker-1')
  const remedies = await eventually('status says so', async () => {
    const status = await pairing.operator.status()
    return status.remedies.length > 0 && status.remedies
  })
  t.match(remedies, [/^Kubernetes does not show the enrolments .*404.*; joinery-server setup --kubeconfig/])
})

t.test('a restart shows what changed while no server ran, and nothing else is written', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing)
  await isShown(pairing, 'worker-1', 'pending')
  await pairing.restart()
  await enrolled(pairing, 'worker-2')
  await isShown(pairing, 'worker-2', 'pending')
  pairing.clock.advance(8 * 24 * 3_600_000)
  await pairing.restart()
  await pairing.reconcile()
  await isShown(pairing, 'worker-1', 'expired')
  await isShown(pairing, 'worker-2', 'expired')
})
