import { ProblemError } from '@joinery/protocol'
import t from 'tap'
import {
  approve,
  approvedRequest,
  askForCertificate,
  claimToken,
  openPairing,
  type Pairing,
  register
} from './pairing.ts'

const approved = async (pairing: Pairing, name: string) => {
  const machine = await pairing.machine()
  const { code } = await pairing.code(name)
  await machine.enrol(code)
  await approve(pairing, name)
  return { machine }
}

/** A Node that appeared for an enrolment that was rejected meanwhile, so that its name is banned. */
const banned = async (pairing: Pairing, name: string): Promise<void> => {
  const { machine } = await approved(pairing, name)
  const { csr, key } = await approvedRequest(pairing, machine, name)
  await pairing.operator.reject(name, { reason: 'a mistake' })
  await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
}

t.test('a machine that was frozen, banned and released joins, and is not banned again', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await approved(pairing, 'worker-1')
  const { csr, key } = await approvedRequest(pairing, machine, 'worker-1')
  await askForCertificate(pairing, (await claimToken(machine)).token, 'cp-1')
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'frozen' })
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.match((await pairing.operator.show('worker-1')).timeline.at(-1), { event: 'unwanted-node', alert: true })

  await pairing.operator.release('worker-1', { key: machine.identity.fingerprint })
  await approve(pairing, 'worker-1')
  const again = await approvedRequest(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', again.csr, again.key)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'joined' })
  await pairing.reconcile()
  await register(pairing, machine, 'worker-1', again.csr, again.key)
})

t.test('a name whose old enrolment is banned is good for the machine that is approved next', async (t) => {
  const pairing = await openPairing(t)
  await banned(pairing, 'worker-1')
  const { machine } = await approved(pairing, 'worker-1')
  const { csr, key } = await approvedRequest(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'joined' })
  await register(pairing, machine, 'worker-1', csr, key)
})

t.test('what the cluster refuses for one machine holds up no other, and the operator is told', async (t) => {
  const pairing = await openPairing(t)
  // as when somebody deleted the ban list
  pairing.cluster.ban = async () => {
    throw new ProblemError('cluster-unavailable', { detail: 'the API server refuses it (404): no joinery-banned' })
  }
  await banned(pairing, 'worker-1')
  const { machine } = await approved(pairing, 'worker-2')
  const { csr, key } = await approvedRequest(pairing, machine, 'worker-2')
  await register(pairing, machine, 'worker-2', csr, key)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-2'), {
    state: 'joined',
    message: /cluster unreachable since .*: worker-1: the API server refuses it \(404\)/
  })
})
