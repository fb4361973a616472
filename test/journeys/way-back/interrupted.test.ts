import { stateDirectory } from '@joinery/agent/testing/commands'
import { paths } from '@joinery/agent/testing/machine'
import { closeInterruptedWayBack, RecoveryFile } from '@joinery/agent/testing/way-back'
import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, reaches } from '@joinery/testing/agents/outcomes'
import { loseCertificate, startWayBack } from '@joinery/testing/agents/way-back'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import { loseNode, lostMachine } from '@joinery/testing/pairing/way-back'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

const claimed = async (t: Test) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await approve(pairing, 'worker-1')
  const given = await lost.claim()
  /** Claims as an agent does that finds after a reboot what attempt it had placed. */
  const claimAfter = (interrupted: number) => lost.claim(lost.joinKey, interrupted)
  return { pairing, lost, given, claimAfter }
}

const shown = (pairing: Pairing) => pairing.operator.show('worker-1')
const alertsOf = async (pairing: Pairing) => (await pairing.operator.status()).alerts.last.map(({ event }) => event)

t.test(
  'a power cut took what the kubelet had got: the machine is back by another attempt, and is not banned',
  async (t) => {
    const { pairing, lost, given, claimAfter } = await claimed(t)
    await lost.renew(given)
    const again = await claimAfter(given.attempt)
    t.equal(again.attempt, given.attempt + 1)
    t.not(again.certificate, given.certificate)
    await lost.comeBack(await lost.renew(again))
    t.match(await shown(pairing), {
      state: 'ready',
      confirmed: true,
      recovery: { state: 'over' },
      node: { condition: 'Ready' }
    })
    t.match((await shown(pairing)).attempts[1], { number: given.attempt, failure: /a reboot interrupted it/ })
    t.notOk((await pairing.cluster.bans()).has('worker-1'))
    t.same(await alertsOf(pairing), ['certificate-lost'], 'whoever stole the credential has a certificate')
  }
)

t.test('a power cut before the kubelet asked alerts nobody', async (t) => {
  const { pairing, lost, given, claimAfter } = await claimed(t)
  await lost.comeBack(await lost.renew(await claimAfter(given.attempt)))
  t.match(await shown(pairing), { state: 'ready', confirmed: true })
  t.same(await alertsOf(pairing), [])
})

t.test('an answer that was lost, and a twin, open no third attempt', async (t) => {
  const { pairing, given, claimAfter } = await claimed(t)
  const [one, other] = await Promise.all([claimAfter(given.attempt), claimAfter(given.attempt)])
  t.same(one, other)
  t.same(await claimAfter(given.attempt), one)
  t.equal((await shown(pairing)).attempts.length, 3)
})

t.test('only the open attempt can be interrupted', async (t) => {
  const { given, claimAfter } = await claimed(t)
  for (const number of [1, given.attempt + 1, 1_000_000]) t.same(await claimAfter(number), given, `attempt ${number}`)
})

t.test('a machine that says it is interrupted without end costs the cluster six certificates', async (t) => {
  const { pairing, given, claimAfter } = await claimed(t)
  let number = given.attempt
  for (let count = 1; count <= 5; count += 1) number = (await claimAfter(number)).attempt
  await t.rejects(claimAfter(number), { code: 'illegal-event' })
  t.match(await shown(pairing), { state: 'recovering' })
})

t.test('two keys by one credential are two machines, if no reboot was between', async (t) => {
  const { pairing, lost, given } = await claimed(t)
  await lost.renew(given)
  await lost.comeBack(await lost.renew(given))
  t.ok((await pairing.cluster.bans()).has('worker-1'))
})

t.test('an agent whose machine loses power while its kubelet waits comes back by the same approval', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  await loseCertificate(open, pairing)
  const { machine } = open
  const running = startWayBack(open, pairing, (moment) => {
    if (/after machine\.writeBootstrap/.test(moment)) running.kill()
  })
  await eventually('it asks', async () => (await shown(pairing)).recovery?.state === 'waiting')
  await approve(pairing, 'worker-1')
  await eventually('its kubelet has a certificate', () => machine.files.exists(paths.kubeletCertificate))
  // the server sees within seconds what the kubelet asked for, and a boot takes longer
  await pairing.reconcile()
  // nothing of what the kubelet wrote has reached the disk
  machine.powerOff()
  await machine.files.remove(paths.kubeletCertificate)
  await loseNode(pairing, 'worker-1')
  await machine.reboot(async () => {
    const removed = await closeInterruptedWayBack(new RecoveryFile(machine.files, stateDirectory), machine.files)
    t.equal(removed, 2, 'before the kubelet')
    t.notOk(await open.has(paths.bootstrapConf))
  })
  t.match(await startWayBack(open, pairing).ended, { end: 'recovered' })
  await pairing.reconcile()
  t.match(await reaches(pairing, 'worker-1', 'ready'), { confirmed: true, node: { condition: 'Ready' } })
  t.notOk((await pairing.cluster.bans()).has('worker-1'))
  t.same(await alertsOf(pairing), ['certificate-lost'])
})
