import { certificateRequest } from '@joinery/agent/testing/keys'
import { connect } from '@joinery/cli/testing/session'
import { ProblemError } from '@joinery/protocol'
import { type Change, WritableStore } from '@joinery/server/testing/store'
import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimed, refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const name = 'worker-1'

/** A server whose store fails for what the test says. */
const openFailing = async (t: Test, credential: 'token' | 'certificate' = 'token') => {
  let fails: (change: Change) => boolean = () => false
  const pairing = await openPairing(t, { credential }, undefined, (container) => {
    const store = container.resolve(WritableStore)
    const commit: WritableStore['commit'] = async (change) => {
      if (fails(change)) throw new ProblemError('store-unavailable', { detail: 'the disk is gone' })
      return store.commit(change)
    }
    container.register(WritableStore, { useValue: { ...store, commit } })
  })
  /** From now on no commit is taken that tells of this event; of none: each is. */
  const failOn = (event?: string): void => {
    fails = ({ entries = [] }) => entries.some(({ entry }) => entry.event === event)
  }
  return { pairing, failOn }
}
type Pairing = Awaited<ReturnType<typeof openPairing>>

const reject = ({ operator }: Pairing) => operator.reject(name, { reason: 'stolen' })

t.test("commit before act: a kubelet's request is approved only when that is durable", async (t) => {
  const { pairing, failOn } = await openFailing(t)
  const { token } = await claimed(pairing)
  failOn('csr-approved')
  const { csr } = await askForCertificate(pairing, token, name)
  // asked is enough: the answer to an approval may come after this test has looked
  const asked = t.capture(pairing.cluster, 'approveCsr', pairing.cluster.approveCsr)
  await pairing.reconcile()
  t.same(asked(), [])
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: false })
  failOn()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: true })
})

t.test('no request is approved after the end of its attempt, even if it was committed before', async (t) => {
  const { pairing } = await openFailing(t)
  const { token } = await claimed(pairing)
  const { approveCsr } = pairing.cluster
  // the server dies between the two
  pairing.cluster.approveCsr = async () => {
    throw new ProblemError('cluster-unavailable', { detail: 'the power was cut' })
  }
  const { csr } = await askForCertificate(pairing, token, name)
  await pairing.reconcile()
  t.equal((await pairing.operator.show(name)).attempts[0]?.csr, csr, 'it was committed')
  await reject(pairing)
  pairing.cluster.approveCsr = approveCsr
  await pairing.restart()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
})

t.test('in turn: a token that is in the making at a rejection is deleted after it is there', async (t) => {
  const { pairing } = await openFailing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  const creation = pairing.cluster.holdUp('createToken')
  const claim = refusedWith(machine.server.claim())
  await creation.sent
  const other = connect(pairing.config.operators.socket)
  t.teardown(() => other.close())
  const rejection = reject({ ...pairing, operator: other })
  await eventually('it is rejected', async () => (await pairing.operator.show(name)).state === 'rejected')
  await creation.arrive()
  await Promise.all([claim, rejection])
  t.same(await pairing.cluster.tokens(), [], 'and no sweep is needed for it')
})

t.test('durable before given out: a certificate is given only after it is noted', async (t) => {
  const { pairing, failOn } = await openFailing(t, 'certificate')
  const machine = await pairing.machine()
  const joinKey = await newJoinKey()
  await machine.enrol((await pairing.code(name)).code, { joinKey: joinKey.fingerprint })
  await approve(pairing, name)
  const claim = async () => machine.server.claim({ request: await certificateRequest(joinKey, name) })
  failOn('credential-issued')
  t.equal(await refusedWith(claim()), 'store-unavailable')
  failOn()
  const credential = await claim()
  t.match(credential, { attempt: 1 })
  t.ok((await pairing.operator.show(name)).attempts[0]?.credentialSerial)
})

t.test('durable before acknowledged: a failure is reported until the server has it on its disk', async (t) => {
  const { pairing, failOn } = await openFailing(t)
  const open = await openWithCode(t, pairing)
  open.machine.failNextJoin('kubelet-start', ['error: error execution phase kubelet-start: the disk is broken'])
  failOn('fail')
  const agent = open.start()
  await approvePending(pairing, open)
  await says(open, /the disk is gone/)
  t.match((await open.journal()).attempt, { failure: { class: 'machine' }, reported: undefined })
  failOn()
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open, 2)
  t.match((await pairing.operator.show(name)).attempts[0]?.failure, /^machine: the disk is broken/)
})
