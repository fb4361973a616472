import { createPublicKey } from 'node:crypto'
import { bootId, paths } from '@joinery/agent/testing/machine'
import { fingerprint, minute } from '@joinery/protocol'
import type { Moment } from '@joinery/testing/agents/agent-process'
import { type AgentMachine, openWithCode } from '@joinery/testing/agents/agents'
import { playLives } from '@joinery/testing/agents/lives'
import { approvePending, assertJoined, reaches } from '@joinery/testing/agents/outcomes'
import { isKilled, loseCertificate, sleepTooLong, startWayBack } from '@joinery/testing/agents/way-back'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

t.setTimeout(240_000)

/** A worker that an agent joined, and that was off until its certificate was over, or gone. */
const lost = async (t: Test, lose = loseCertificate, more: Parameters<typeof openPairing>[1] = {}) => {
  const pairing = await openPairing(t, more)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  await assertJoined(t, pairing, open)
  const before = await serialOf(open)
  await lose(open, pairing)
  return { pairing, open, serial: before }
}

const serialOf = async ({ machine }: AgentMachine) => (await machine.looking.joinState()).certificate?.serial

const waits = (pairing: Pairing) =>
  eventually('it waits for an operator', async () => {
    const enrolment = await pairing.operator.show('worker-1')
    return enrolment.recovery?.state === 'waiting' && enrolment
  })

/** What is true once the machine is back, at the machine and at the server. */
const isBack = async (t: Test, pairing: Pairing, open: AgentMachine, before: string | undefined): Promise<void> => {
  await pairing.reconcile()
  const serial = await serialOf(open)
  t.not(serial, before)
  const enrolment = await reaches(pairing, 'worker-1', 'ready')
  t.match(enrolment, { confirmed: true, recovery: { state: 'over' }, node: { condition: 'Ready' } })
  t.equal(enrolment.attempts.at(-1)?.certificateSerial, serial, 'the one that was issued')
  t.notOk(await open.has(paths.bootstrapConf))
  t.notOk(await open.has('/var/lib/joinery-agent/recovery-key.json'))
  t.equal((await open.journal()).joined?.certificate.serial, serial)
}

t.test(
  'a machine that was off for too long comes back by an approval, with its Node and without an alert',
  async (t) => {
    const { pairing, open } = await lost(t, sleepTooLong)
    const serial = await serialOf(open)
    const { uid } = (await pairing.operator.show('worker-1')).node ?? {}
    const running = startWayBack(open, pairing)
    t.match(await waits(pairing), {
      state: 'recovering',
      recovery: {
        asked: { reason: 'expired', serial, bootId: await bootId(open.machine.files) },
        changed: { length: 0 }
      }
    })
    await approve(pairing, 'worker-1')
    t.match(await running.ended, { end: 'recovered' })
    await isBack(t, pairing, open, serial)
    t.equal((await pairing.operator.show('worker-1')).node?.uid, uid, 'the same Node')
    t.equal((await pairing.operator.status()).alerts.count, 0)
    t.match(await startWayBack(open, pairing).ended, { end: 'nothing' })
  }
)

t.test('the key of a way back is of the kind that the kubelet makes', async (t) => {
  const { pairing, open, serial } = await lost(t)
  await open.machine.files.write(
    paths.kubeletConfig,
    'kind: KubeletConfiguration\nclientCertificateKeyAlgorithm: ECDSA-P384\n',
    0o644
  )
  const running = startWayBack(open, pairing)
  const { recovery } = await waits(pairing)
  const { key } = JSON.parse((await open.machine.files.read('/var/lib/joinery-agent/recovery-key.json')) ?? '{}')
  t.equal(createPublicKey(key).asymmetricKeyDetails?.namedCurve, 'secp384r1')
  t.equal(recovery?.asked?.joinKey, fingerprint(createPublicKey(key)))
  await approve(pairing, 'worker-1')
  t.match(await running.ended, { end: 'recovered' })
  await isBack(t, pairing, open, serial)
})

t.test('a policy lets it come back by itself, and again', async (t) => {
  const { pairing, open, serial } = await lost(t, loseCertificate, { recover: 'auto 9' })
  t.match(await startWayBack(open, pairing).ended, { end: 'recovered' })
  await isBack(t, pairing, open, serial)
  const again = await serialOf(open)
  await loseCertificate(open, pairing)
  t.match(await startWayBack(open, pairing).ended, { end: 'recovered' })
  await isBack(t, pairing, open, again)
})

// every other moment is in test/rehearsal/way-back-cut.test.ts, with a server that is played
t.test('a cut at each call of the server leaves a machine that it still knows', async (t) => {
  const { pairing, open } = await lost(t, loseCertificate, { recover: 'auto 99' })
  const moments = new Set<Moment>()
  await startWayBack(open, pairing, (moment) => void moments.add(moment)).ended
  await playLives(
    t,
    [...moments].filter((one) => /before (server|machine)\./.test(one)),
    (moments) => `the power is cut in ${moments}`,
    async (t, left) => {
      const serial = await serialOf(open)
      await loseCertificate(open, pairing)
      for (let cuts = left.size; cuts > 0; cuts -= 1) {
        if (!(await isKilled((watch) => startWayBack(open, pairing, watch), left))) break
        await open.machine.reboot()
      }
      t.match(await startWayBack(open, pairing).ended, { end: /recovered|nothing/ })
      await startWayBack(open, pairing).ended
      await isBack(t, pairing, open, serial)
    }
  )
  t.not((await pairing.operator.show('worker-1')).recovery?.state, 'frozen')
})

t.test('an operator who refuses the way back ends it on the machine', async (t) => {
  const { pairing, open } = await lost(t)
  const running = startWayBack(open, pairing)
  const { id } = await waits(pairing)
  await pairing.operator.reject(id, { reason: 'not before noon' })
  t.match(await running.ended, { end: 'failed' })
  t.notOk(await open.has(paths.bootstrapConf))
})

t.test('a machine whose Node stays Ready is refused, as a copy would be', async (t) => {
  const { pairing, open } = await lost(t)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', 'kubelet is posting ready status')
  const first = startWayBack(open, pairing)
  await eventually('it is told to ask again', async () =>
    (await pairing.operator.show('worker-1')).timeline.some(({ event }) => event === 'recovery-refused')
  )
  first.stop()
  t.match(await first.ended, { end: 'later' })
  pairing.clock.advance(2 * minute)
  t.match(await startWayBack(open, pairing).ended, { end: 'failed', why: /is Ready/ })
})

t.test('a machine whose Node was deleted is told to join again', async (t) => {
  const { pairing, open } = await lost(t)
  await pairing.cluster.deleteNodeAsAdmin('worker-1')
  t.match(await startWayBack(open, pairing).ended, { end: 'failed', why: /deleted/, remedy: [/kubeadm reset/] })
})
