import { day } from '@joinery/protocol'
import { type EnrolmentView, viewLimit } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import { runWith } from '@joinery/testing/command/operators'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { count, loseNode, lostMachine } from '@joinery/testing/pairing/way-back'
import t from 'tap'

const name = 'worker-1'
const type = ({ config }: Pairing, ...words: string[]) =>
  runWith(words, { socket: config.operators.socket, ask: async () => 'y' })
const viewOf = async (pairing: Pairing) => {
  const { id } = await pairing.operator.show(name)
  return pairing.cluster.views.statuses('enrolments').get(id) as EnrolmentView | undefined
}

t.test('a Decision approves the way back that was shown, and no other', async (t) => {
  const pairing = await openDoorPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  const { revision } = await pairing.operator.show(name)
  await lost.ask({ current: count('1'), next: count('2') })
  t.match(await pairing.settled(await pairing.decide(name, 'approve', { revision })), { code: 'revision-changed' })
  const decision = await pairing.decide(name, 'approve')
  t.match(await pairing.settled(decision), { result: 'applied', state: 'recovering' })
  t.match((await pairing.operator.show(name)).timeline.at(-1), {
    event: 'approve',
    by: 'alice',
    decision: decision.uid
  })
  await lost.comeBack(await lost.renew(await lost.claim()))
  t.equal((await pairing.operator.show(name)).state, 'ready')
})

t.test('a Decision rejects a way back, and another one lets the machine ask again', async (t) => {
  const pairing = await openDoorPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  t.match(await pairing.settled(await pairing.decide(name, 'reject', { reason: 'later' })), { state: 'ready' })
  t.match(await pairing.settled(await pairing.decide(name, 'retry')), { result: 'applied', state: 'ready' })
  t.match(await lost.ask({ current: count('1'), next: count('2') }), { recovery: { state: 'waiting' } })
})

t.test('Kubernetes shows who asks for the way back, and what differs', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  const notAfter = new Date(pairing.clock.now().getTime() - day).toISOString()
  await lost.ask({ reason: 'expired', notAfter, facts: { ...lost.machine.facts, serial: '\u001b[2J' } })
  const view = await eventually('it is shown', async () => {
    const seen = await viewOf(pairing)
    return seen?.state === 'recovering' && seen
  })
  t.ok(JSON.stringify(view).length <= viewLimit)
  t.match(view.recovery, {
    state: 'waiting',
    certificate: 'expired',
    notAfter,
    changed: ['serial'],
    address: '127.0.0.1'
  })
  t.match(view.recovery?.notReadySince, /^2026-/)
  await pairing.operator.reject(name, { reason: 'no' })
  t.equal(
    (
      await eventually('and why not', async () =>
        (await viewOf(pairing))?.state === 'ready' ? viewOf(pairing) : undefined
      )
    )?.recovery?.state,
    'refused'
  )
})

t.test('joinery shows the evidence, asks, and says what comes next', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask({ facts: { ...lost.machine.facts, serial: '\u001b[2J' } })
  t.match((await type(pairing, 'list', '--state', 'recovering')).out, /worker-1 +recovering/)
  const { out } = await type(pairing, 'show', name)
  t.match(out, /Way back:\n[\s\S]*State: +waiting/)
  t.match(out, /Address before: +127\.0\.0\.1\n[\s\S]*Differs: +serial/)
  t.notMatch(out, '\u001b[2J')
  const approved = await type(pairing, 'approve', name)
  t.equal(approved.exitCode, 0, approved.err)
  t.match(approved.err, /Way back/)
  t.match(approved.err, /Next: joinery show worker-1\n$/)
  t.match(await lost.ask({ facts: { ...lost.machine.facts, serial: '\u001b[2J' } }), {
    recovery: { state: 'approved' }
  })
  t.equal((await type(pairing, 'reject', name, '--reason', 'no')).exitCode, 0)
  t.match((await type(pairing, 'list')).out, /its way back is refused: no/)
  t.equal((await type(pairing, 'retry', name)).exitCode, 0)
})

t.test('joinery nodes warns of a certificate that ends soon, and says why', async (t) => {
  const pairing = await openPairing(t)
  await lostMachine(pairing)
  t.notMatch((await type(pairing, 'nodes')).err, 'certificate')
  pairing.clock.advance(340 * day)
  await loseNode(pairing, name)
  const { err, exitCode } = await type(pairing, 'nodes')
  t.match(
    err,
    /^worker-1: its kubelet's certificate ends at 2026-12-31T.*, and was not renewed: its kubelet does not report/
  )
  t.equal(exitCode, 0)
  t.match((await type(pairing, 'nodes', '-o', 'wide')).out, /CERTIFICATE[\s\S]*until 2026-12-31/)
})

t.test('a code has its policy, and refuses what is none', async (t) => {
  const pairing = await openPairing(t)
  const { out, exitCode } = await type(
    pairing,
    'code',
    'create',
    '--name',
    'worker-9',
    '--recover',
    'auto 2',
    '-o',
    'json'
  )
  t.equal(exitCode, 0)
  const { id, recover } = JSON.parse(out)
  t.equal(recover, 'auto 2')
  t.match((await type(pairing, 'code', 'show', id)).out, /Recover: +auto 2/)
  for (const wrong of ['auto', 'auto 0', 'auto 100', 'always', 'auto  2']) {
    t.equal((await type(pairing, 'code', 'create', '--recover', wrong)).exitCode, 2, wrong)
  }
})
