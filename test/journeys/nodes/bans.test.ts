import { ProblemError } from '@joinery/protocol'
import { joinedControlPlane } from '@joinery/testing/pairing/control-planes'
import { cutPower, joined } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import {
  approve,
  approved,
  askForCertificate,
  claimToken,
  register,
  withApprovedCsr
} from '@joinery/testing/pairing/steps'
import t from 'tap'

/** A Node that appeared for an enrolment that was rejected meanwhile, so that its name is banned. */
const banned = async (pairing: Pairing, name: string): Promise<void> => {
  const machine = await approved(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  await pairing.operator.reject(name, { reason: 'a mistake' })
  await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
}

t.test('a machine that was frozen, banned and released joins, and is not banned again', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing, 'worker-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await askForCertificate(pairing, (await claimToken(machine)).token, 'cp-1')
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'frozen' })
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.match((await pairing.operator.show('worker-1')).timeline.at(-1), { event: 'unwanted-node', alert: true })

  await pairing.operator.release('worker-1', { key: machine.identity.fingerprint })
  await approve(pairing, 'worker-1')
  const again = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', again.csr, again.key)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'joined' })
  await pairing.reconcile()
  await register(pairing, machine, 'worker-1', again.csr, again.key)
})

t.test('a name whose old enrolment is banned works for the next approved machine', async (t) => {
  const pairing = await openPairing(t)
  await banned(pairing, 'worker-1')
  const machine = await approved(pairing, 'worker-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'joined' })
  await register(pairing, machine, 'worker-1', csr, key)
})

t.test('a refusal by the cluster for one machine holds up no other, and the operator sees it', async (t) => {
  const pairing = await openPairing(t)
  // as when somebody deleted the ban list
  pairing.cluster.ban = async () => {
    throw new ProblemError('cluster-unavailable', { detail: 'the API server refuses it (404): no joinery-banned' })
  }
  await banned(pairing, 'worker-1')
  const machine = await approved(pairing, 'worker-2')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-2')
  await register(pairing, machine, 'worker-2', csr, key)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-2'), {
    state: 'joined',
    message: /cluster unreachable since .*: worker-1: the API server refuses it \(404\)/
  })
})

/** A control plane on another machine than was let in: it is banned, and the server deletes no control plane. */
const swapped = async (pairing: Pairing) => {
  const one = await joinedControlPlane(pairing, 'cp-2')
  await heartbeat(pairing, one)
  await one.registersAgain('another machine')
  return one
}
const heartbeat = ({ cluster }: Pairing, { holder }: Pick<Awaited<ReturnType<typeof joinedControlPlane>>, 'holder'>) =>
  cluster.renewLease(holder)
const stopped = { message: /removed by Joinery/ }

t.test('only a banned control plane whose Node stays loses its heartbeat', async (t) => {
  const pairing = await openPairing(t)
  const [one, other] = [await swapped(pairing), await joined(pairing, 'worker-1')]
  await pairing.cluster.renewLease(other)
  await pairing.reconcile()
  await t.rejects(heartbeat(pairing, one), stopped)
  await pairing.reconcile()
  await t.rejects(heartbeat(pairing, one), stopped)
  await pairing.cluster.renewLease(other)
  await pairing.cluster.unban('cp-2')
  await heartbeat(pairing, one)
})

for (const when of ['before', 'after'] as const)
  t.test(`the next sweep stops the heartbeat if a ban is cut ${when} it is made`, async (t) => {
    const pairing = await openPairing(t)
    const one = await swapped(pairing)
    const { isCut } = cutPower(pairing, 'ban', when)
    await pairing.reconcile().catch(() => undefined)
    t.ok(isCut())
    await pairing.restart()
    await pairing.reconcile()
    await t.rejects(heartbeat(pairing, one), stopped)
  })

t.test('the next sweep stops the heartbeat if a ban was cut in between, or made by hand', async (t) => {
  const pairing = await openPairing(t)
  const one = await joinedControlPlane(pairing, 'cp-2')
  await heartbeat(pairing, one)
  await pairing.cluster.banAsAdmin('cp-2')
  await heartbeat(pairing, one)
  await pairing.restart()
  await Promise.all([pairing.reconcile(), pairing.reconcile()])
  await t.rejects(heartbeat(pairing, one), stopped)
  t.match(await pairing.operator.show('cp-2'), { state: 'joined' }, 'whom an admin banned the server leaves alone')
})

t.test('C10: a banned kubelet makes no Lease, and if an earlier set-up lets it, the next sweep stops it', async (t) => {
  const pairing = await openPairing(t)
  const one = await swapped(pairing)
  await pairing.cluster.deleteLeaseAsAdmin('cp-2')
  await pairing.reconcile()
  await t.rejects(heartbeat(pairing, one), stopped)
  const strengthen = pairing.cluster.weaken('joinery-ban-reports')
  await heartbeat(pairing, one)
  strengthen()
  await pairing.reconcile()
  await t.rejects(heartbeat(pairing, one), stopped)
})

t.test('a server without a right to Leases goes on, and logs it', async (t) => {
  const pairing = await openPairing(t)
  const one = await swapped(pairing)
  pairing.cluster.settleBannedLeases = async () => {
    throw new ProblemError('cluster-unavailable', {
      detail: 'the API server forbids it (403): leases is forbidden'
    })
  }
  await pairing.reconcile()
  t.match(pairing.log, /the Leases of banned Nodes could not be labelled/)
  t.notMatch((await pairing.operator.show('cp-2')).message, /cluster unreachable/)
  await t.rejects(one.registersAgain(), stopped, 'it is banned all the same')
})

t.test('a sweep goes on with what the last one left, and logs how much that was', async (t) => {
  const pairing = await openPairing(t)
  const turns: number[] = []
  pairing.cluster.settleBannedLeases = async (_, turn) => {
    turns.push(turn)
    return 3
  }
  await pairing.reconcile()
  await pairing.reconcile()
  t.match(pairing.log, /"left":3,.*more Leases of banned Nodes/)
  t.equal(turns[1], (turns[0] ?? 0) + 1)
})
