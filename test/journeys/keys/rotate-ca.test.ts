import { X509Certificate } from 'node:crypto'
import { openServers } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { filesUnder } from '@joinery/host/files'
import { fingerprint } from '@joinery/protocol'
import { finishAuthority, rotateAuthority } from '@joinery/server/testing/rotation'
import { openWithCode, stepLog } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says, waitsPending } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'

const print = () => {}
const folder = '/var/lib/joinery-agent'

/** The server with a CA that comes next. Returns its pin. */
const rotated = async (pairing: Pairing): Promise<string> => {
  await rotateAuthority({ state: pairing.config.state, now: new Date(), print })
  await pairing.restart()
  const { agents } = await pairing.operator.status()
  return agents.nextPin ?? ''
}

/** The server with the CA that came next. */
const finished = async (pairing: Pairing): Promise<void> => {
  await finishAuthority({ state: pairing.config.state, published: pairing.url, now: new Date(), print })
  await pairing.restart()
}

/** The pairing server as the machine sees it by configured pins, beside which it keeps others in a folder of its own. */
const seenBy = (t: Test, pairing: Pairing, { identity }: TestMachine) => {
  const files = filesUnder(t.testdir({}))
  return (configured: { pin: string; nextPin?: string }) => {
    const config = { server: pairing.url, ...configured }
    const log = stepLog(() => {})
    return openServers({
      config,
      files,
      stateDirectory: folder,
      identity: async () => identity,
      clock: systemClock,
      log
    }).server
  }
}

t.test('a machine that waits during a rotation learns the next pin, and joins after it', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await waitsPending(pairing, open)
  const next = await rotated(pairing)
  t.match(next, /^sha256:[0-9a-f]{64}$/)
  await eventually('the machine keeps the next pin', async () => {
    const { untold } = (await pairing.operator.status()).agents
    if (untold !== undefined) t.match(untold, { waiting: 1, count: 1, names: ['worker-1'] })
    return untold === undefined
  })
  await finished(pairing)
  t.match((await pairing.operator.status()).agents, { pin: next, nextPin: undefined, untold: undefined })
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  const kept = JSON.parse((await open.machine.files.read(`${folder}/pins.json`)) ?? '')
  t.same(kept, { of: pairing.pin, pin: next }, 'the old pin is trusted no more, also after a reboot')
})

/** A machine that enrolled before a rotation, and was off until its end. Its agent is stopped, and has said what is wrong. */
const missed = async (t: Test, pairing: Pairing) => {
  const open = await openWithCode(t, pairing)
  const before = open.start()
  await waitsPending(pairing, open)
  before.stop()
  await before.ended
  const next = await rotated(pairing)
  t.match((await pairing.operator.status()).agents.untold, { waiting: 1, count: 1, names: ['worker-1'] })
  await finished(pairing)
  const agent = open.start()
  const words = `expected a CA with key ${pairing.pin}, seen ${next}; nothing was sent; if its CA was rotated meanwhile`
  await says(
    open,
    new RegExp(`${words}, put the pin .* into /etc/joinery/agent.yaml, or .*: joinery-agent enrol --replace`)
  )
  agent.stop()
  await agent.ended
  return { open, next }
}

t.test('a machine that was off during the rotation says what to do, and goes on by the new pin', async (t) => {
  const pairing = await openPairing(t)
  const { open, next } = await missed(t, pairing)
  open.pin = next
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test(
  'a machine that was off is enrolled anew by the new pin and another code, once the old enrolment is rejected',
  async (t) => {
    const pairing = await openPairing(t)
    const { open, next } = await missed(t, pairing)
    await pairing.operator.reject('worker-1', { reason: 'it missed the rotation' })
    // what joinery-agent enrol --replace writes
    open.pin = next
    await open.putCode()
    const agent = open.start()
    await approvePending(pairing, open)
    t.equal(await agent.ended, 'done')
    await assertJoined(t, pairing, open)
  }
)

t.test(
  'user-data that is made during a rotation has both pins and both CAs, and is good before and after',
  async (t) => {
    const pairing = await openPairing(t)
    t.notOk('nextPin' in (await pairing.code('worker-0')).install, 'without a rotation nothing is said of it')
    const next = await rotated(pairing)
    const { code, install } = await pairing.code('worker-1')
    t.match(install, { pin: pairing.pin, nextPin: next })
    const authorities = install.certificateAuthority.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    t.same(
      authorities?.map((pem) => fingerprint(new X509Certificate(pem).publicKey)),
      [pairing.pin, next]
    )
    const machine = await pairing.machine()
    const see = seenBy(t, pairing, machine)
    const server = () => see({ pin: install.pin, nextPin: next })
    await server().enrol({ code, name: 'worker-1', facts: machine.facts, preflight: [] })
    t.equal((await pairing.operator.status()).agents.untold, undefined, 'its first request says that it knows the pin')
    await finished(pairing)
    t.match(await server().wait(0, 0, new AbortController().signal), { state: 'pending' })
    await approve(pairing, 'worker-1')
    const { token } = await claimToken({ server: server() })
    t.match(token, /^[a-z0-9]{6}\.[a-z0-9]{16}$/)
    await t.rejects(
      machine.server.wait(0, 0, new AbortController().signal),
      { message: /is not the pinned server/ },
      'and the old pin alone is not'
    )
  }
)

t.test('first boot after `--finish` with both pins: the machine joins', async (t) => {
  const pairing = await openPairing(t)
  const next = await rotated(pairing)
  const open = await openWithCode(t, pairing, 'worker-1', { config: { nextPin: next } })
  await finished(pairing)
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  const kept = JSON.parse((await open.machine.files.read(`${folder}/pins.json`)) ?? '')
  t.same(kept, { of: pairing.pin, pin: next })
})

t.test('only a machine that got an answer counts as told, and an old agent is never counted', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const next = await rotated(pairing)
  await machine.server.wait(0, 0, new AbortController().signal)
  t.match((await pairing.operator.status()).agents.untold, { count: 1 }, 'an agent that says nothing of pins')
  const stranger = seenBy(t, pairing, await pairing.machine())({ pin: pairing.pin, nextPin: next })
  await t.rejects(stranger.wait(0, 0, new AbortController().signal), { code: 'not-found' })
  t.match((await pairing.operator.status()).agents.untold, { waiting: 1, count: 1 })
  const keeper = seenBy(t, pairing, machine)({ pin: pairing.pin })
  await keeper.wait(0, 0, new AbortController().signal)
  t.match((await pairing.operator.status()).agents.untold, { count: 1 }, 'it has heard of it, and not said so yet')
  await keeper.wait(0, 0, new AbortController().signal)
  t.equal((await pairing.operator.status()).agents.untold, undefined)
  await pairing.restart()
  t.match((await pairing.operator.status()).agents.untold, { count: 1 }, 'a server that started anew has heard nothing')
})
