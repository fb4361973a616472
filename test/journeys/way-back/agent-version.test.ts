import { stateDirectory } from '@joinery/agent/testing/commands'
import { type Identity, loadIdentity } from '@joinery/agent/testing/keys'
import { machineIds } from '@joinery/agent/testing/machine'
import { agentRoutes, ProblemError } from '@joinery/protocol'
import { type AgentMachine, onceAt, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending } from '@joinery/testing/agents/outcomes'
import { hourlyLook } from '@joinery/testing/agents/way-back'
import { runWith } from '@joinery/testing/command/operators'
import { agentsFront, type FrontAnswer } from '@joinery/testing/front/agents-front'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'

/** A worker that an agent joined. The agent of this tree is the one that its package manager brought since. */
const upgraded = async (t: Test) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  await callAs(t, pairing, await identityOf(open), '0.4.2')
  return { pairing, open }
}

const identityOf = async ({ machine: { files } }: AgentMachine): Promise<Identity> =>
  loadIdentity(files, stateDirectory, await machineIds(files))

/** Calls the server as the agent of that version does, past this one's client. */
const callAs = async (t: Test, { url }: Pairing, { certificate, key }: Identity, version: string): Promise<void> => {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false, cert: certificate, key } })
  const { method, path } = agentRoutes.wait
  const headers = { 'user-agent': `joinery-agent/${version}` }
  const { statusCode, body } = await request(`${url}${path}?after=0&wait=0`, { dispatcher, method, headers })
  await body.dump()
  await dispatcher.close()
  t.equal(statusCode, 200)
}

/** Versions of the agents as `joinery nodes` shows them, by the names of the Nodes. */
const shown = async ({ config }: Pairing): Promise<Record<string, string | undefined>> => {
  const { out } = await runWith(['--socket', config.operators.socket, 'nodes', '-o', 'wide'])
  const [head = '', ...rows] = out.trimEnd().split('\n')
  const [from, to] = [head.indexOf('AGENT'), head.indexOf('WRONG')]
  return Object.fromEntries(rows.map((row) => [row.split(' ')[0], row.slice(from, to).trim()]))
}

const untold = /^the pairing server was not told the version of this agent: .+\n$/

t.test('a machine says its upgraded agent at its next hourly look, and then calls nobody any more', async (t) => {
  const { pairing, open } = await upgraded(t)
  t.same(await shown(pairing), { 'worker-1': '0.4.2' })
  t.equal(await hourlyLook(open, pairing), '')
  t.same(await shown(pairing), { 'worker-1': 'dev' })
  open.network.goDown()
  t.equal(await hourlyLook(open, pairing), '')
})

t.test('an agent that was upgraded while its machine joined says it with the outcome', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  onceAt(open, 'await-node: before server.outcome', async () => {
    await callAs(t, pairing, await identityOf(open), '0.4.2')
    t.same(await shown(pairing), { 'worker-1': '0.4.2' })
  })
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  t.same(await shown(pairing), { 'worker-1': 'dev' })
})

t.test('a machine whose server is away says so in a line, and tells it at a later look', async (t) => {
  const { pairing, open } = await upgraded(t)
  open.network.goDown()
  for (const _ of [1, 2]) t.match(await hourlyLook(open, pairing), untold)
  open.network.comeBack()
  t.equal(await hourlyLook(open, pairing), '')
  t.same(await shown(pairing), { 'worker-1': 'dev' })
})

t.test('a machine whose first server stands by tells the active one', async (t) => {
  const { pairing, open } = await upgraded(t)
  const { url } = await agentsFront(t, pairing.config.state)
  const config = { ...open.config, server: url, servers: [open.config.server] }
  t.equal(await hourlyLook({ ...open, config }, pairing), '')
  t.same(await shown(pairing), { 'worker-1': 'dev' })
})

const problem = (code: ConstructorParameters<typeof ProblemError>[0]): FrontAnswer => {
  const { body } = new ProblemError(code)
  return { status: body.status, body }
}

/** Each answer to the first look, and whether the second one asks again. */
const answers: [server: string, FrontAnswer, asksAgain: boolean][] = [
  ['an earlier server, which keeps no version', { status: 204 }, false],
  ['a server that does not know the machine', problem('not-found'), false],
  ['a server that knows no such path', { status: 404 }, true],
  ['a server that is busy', problem('too-many-requests'), true],
  ['a server that cannot write', problem('store-full'), true]
]
for (const [server, answer, asksAgain] of answers) {
  t.test(`${server} ends no look, and is asked ${asksAgain ? 'at the next one' : 'once'}`, async (t) => {
    const { pairing, open } = await upgraded(t)
    const front = await agentsFront(t, pairing.config.state)
    front.answer = () => answer
    const asking: AgentMachine = { ...open, config: { ...open.config, server: front.url } }
    for (const _ of [1, 2]) t.match(await hourlyLook(asking, pairing), asksAgain ? untold : /^$/)
    t.equal(front.requests.length, asksAgain ? 2 : 1)
  })
}

t.test('a machine that lies changes its own line alone', async (t) => {
  const { pairing, open } = await upgraded(t)
  const { machine } = await ready(pairing, 'worker-2')
  t.equal(await hourlyLook(open, pairing), '')
  t.same(await shown(pairing), { 'worker-1': 'dev', 'worker-2': 'dev' })
  await machine.server.observe({ facts: { ...machine.facts, hostname: 'worker-1' }, preflight: [] })
  await callAs(t, pairing, machine.identity, '0.1.0')
  t.same(await shown(pairing), { 'worker-1': 'dev', 'worker-2': '0.1.0' })
  await callAs(t, pairing, machine.identity, '9.9.9 worker-1')
  t.same(await shown(pairing), { 'worker-1': 'dev', 'worker-2': '0.1.0' }, 'nor is what is no version a version')
})
