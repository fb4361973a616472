import { apart, silence } from '@joinery/agent/testing/pairing'
import { ProblemError } from '@joinery/protocol'
import { type AgentMachine, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says, waitsPending } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type AgentsFront, agentsFront } from '@joinery/testing/front/agents-front'
import { statementBy } from '@joinery/testing/front/statements'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { serverHost } from '@joinery/testing/pairing/server-host'
import t, { type Test } from 'tap'

const folder = '/var/lib/joinery-agent'
const minutes = 60_000

/**
 * A machine whose server was taken over: `thief` has the keys of its certificate, and answers until it is `clean`. `evil` is a server with
 * another CA, elsewhere.
 */
const open = async (t: Test) => {
  const pairing = await openPairing(t)
  const { folder: evilHost, pin: evilPin } = await serverHost(t)
  const evil = await agentsFront(t, `${evilHost}/server`)
  const thief = await agentsFront(t, pairing.config.state)
  const refuse = () => ({ status: 404, body: new ProblemError('not-found').body })
  thief.answer = refuse
  let at = thief.url
  const machine = await openWithCode(t, Object.create(pairing, { url: { get: () => at } }))
  const goTo = ({ url }: { url: string }): void => {
    at = url
    machine.network.cut()
  }
  const read = async (file: string) => JSON.parse((await machine.machine.files.read(`${folder}/${file}`)) ?? '{}')
  return { pairing, evil, evilPin, thief, refuse, machine, goTo, read }
}

/** Waits until the thief has answered the machine, and so the machine has kept what it keeps. */
const heard = ({ requests }: AgentsFront, { clock }: AgentMachine): Promise<true> =>
  eventually('it has heard the thief', () => requests.length > 1 && clock.slept.length > 0)

/** The server that the machine knows is away for a time, by the machine's clock. */
const isAway = async ({ network, clock }: AgentMachine, time = 5 * minutes): Promise<void> => {
  network.goDown()
  const gone = clock.monotonic()
  await eventually('the server was away for a while', () => clock.monotonic() - gone > time)
  network.comeBack()
}

t.test('R1: one answer of a server that was taken over captures no machine', async (t) => {
  const { pairing, evil, evilPin, thief, refuse, machine, goTo } = await open(t)
  thief.answer = () => ({
    ...refuse(),
    headers: { 'joinery-next-pin': evilPin, 'joinery-servers': evil.url }
  })
  machine.start()
  await heard(thief, machine)
  goTo(pairing)
  await waitsPending(pairing, machine)
  await isAway(machine)
  t.same(evil.requests, [], 'nothing is sent to the other server')
  await machine.reboot()
  await approvePending(pairing, machine)
  await assertJoined(t, pairing, machine)
  t.same(evil.requests, [])
})

t.test(
  'announced, then no longer: the machine knows the next pin while the server says it, and no longer',
  async (t) => {
    const { pairing, evil, evilPin, thief, machine, goTo, read } = await open(t)
    // somebody had ca.key as well: the text is as good as the true one
    thief.statement = await statementBy(pairing.config.state, { server: thief.url }, evilPin)
    machine.start()
    await eventually('it keeps the next pin', async () => (await read('pins.json')).next !== undefined)
    goTo(pairing)
    await waitsPending(pairing, machine)
    t.same(await read('pins.json'), { of: pairing.pin, pin: pairing.pin })
    goTo(evil)
    await says(machine, /is not the pinned server: .*; nothing was sent; if its CA was rotated meanwhile/)
    t.same(evil.requests, [])
    goTo(pairing)
    await machine.reboot()
    await approvePending(pairing, machine)
    await assertJoined(t, pairing, machine)
  }
)

t.test('a thief for a minute names a server: the machine forgets it with the next answer', async (t) => {
  const { pairing, thief, machine, goTo } = await open(t)
  const stolen = await agentsFront(t, pairing.config.state)
  thief.statement = await statementBy(pairing.config.state, { server: thief.url, servers: [stolen.url] })
  machine.start()
  await heard(thief, machine)
  goTo(pairing)
  await waitsPending(pairing, machine)
  machine.clock.pass(apart)
  await isAway(machine)
  t.same(stolen.requests, [])
  await approvePending(pairing, machine)
  await assertJoined(t, pairing, machine)
})

t.test(
  'a thief for longer names a server: the machine goes there only after a silence, only under the present pin, and back',
  async (t) => {
    const { pairing, evil, evilPin, thief, refuse, machine, goTo, read } = await open(t)
    const stolen = await agentsFront(t, pairing.config.state)
    const servers = [evil.url, stolen.url]
    thief.statement = await statementBy(pairing.config.state, { server: thief.url, servers }, evilPin)
    stolen.statement = thief.statement
    let came: number | undefined
    stolen.answer = () => {
      came ??= machine.clock.monotonic()
      return refuse()
    }
    machine.start()
    await heard(thief, machine)
    machine.clock.pass(apart)
    await eventually('it was told again', async () => (await read('servers.json')).proven?.length >= 2)
    t.same(stolen.requests, [], 'while the server answers, no other one is asked')
    await thief.close()
    const gone = machine.clock.monotonic()
    await eventually('it asks the learned one', () => came !== undefined)
    t.ok((came ?? 0) - gone >= silence)
    t.same(evil.requests, [], 'one with the next pin is not asked there')
    goTo(pairing)
    machine.clock.pass(10 * minutes)
    await approvePending(pairing, machine)
    await assertJoined(t, pairing, machine)
    t.same((await read('servers.json')).proven, [])
    t.same(evil.requests, [])
  }
)
