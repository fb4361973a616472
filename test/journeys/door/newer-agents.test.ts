import { agentRoutes, protocolHeader, protocolVersion } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'

const canary = 'what a later version means by it'

/** A field of a later version, deeper than anything that is read. */
const later = { later: JSON.parse(`${'['.repeat(500)}"${canary}"${']'.repeat(500)}`) as unknown }

/** Sends a body as an agent of another version does, past this one's client. */
const sending = (t: Test, pairing: Pairing, { identity: { certificate, key } }: TestMachine) => {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false, cert: certificate, key } })
  t.teardown(() => dispatcher.close())
  return async (call: keyof typeof agentRoutes, body?: object, query: Record<string, string> = {}) => {
    // so that it is not refused for calling too often
    pairing.clock.advance(10_000)
    const { method, path } = agentRoutes[call]
    const sent = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await request(`${pairing.url}${path}`, { dispatcher, method, query, ...sent })
    return { status: answer.statusCode, version: answer.headers[protocolHeader], body: await answer.body.text() }
  }
}

const counted = async ({ config }: Pairing): Promise<Record<string, number>> => {
  const dispatcher = new Agent({ connect: { socketPath: config.operators.socket } })
  const { body } = await request('http://joinery-server/metrics', { dispatcher })
  const text = await body.text()
  await dispatcher.close()
  const lines = text.matchAll(/^joinery_unknown_fields_total\{call="(\w+)"\} ([1-9]\d*)$/gm)
  return Object.fromEntries([...lines].map(([, call, count]) => [call, Number(count)]))
}

t.test('N4: an agent that says more than the server knows joins, and what is not known is nowhere', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const send = sending(t, pairing, machine)
  const { code } = await pairing.code('worker-1')
  const check = { name: 'swap', verdict: 'pass', finding: '' }
  const observation = { facts: { ...machine.facts, ...later }, preflight: [{ ...check, ...later }], ...later }
  t.match(await send('enrol', { code, name: 'n', ...observation }), { status: 201, version: String(protocolVersion) })
  t.match(await send('observe', observation), { status: 200 })
  t.match(await send('wait', undefined, { after: '0', wait: '1', later: canary }), { status: 200 })
  await approve(pairing, 'worker-1')
  t.match(await send('claim', { preflight: [check], ...later }), { status: 200 })
  t.match(await send('progress', { attempt: 1, stage: '[kubelet-start]', ...later }), { status: 200 })
  const failed = { outcome: 'failed', attempt: 1, class: 'machine', stage: '[preflight]', output: [], ...later }
  t.match(await send('outcome', failed), { status: 200 })
  const shown = JSON.stringify(await pairing.operator.show('worker-1'))
  t.notMatch(shown + pairing.log, canary, 'it is not kept, shown or logged')
  t.same(await counted(pairing), { enrol: 1, observe: 1, wait: 1, claim: 1, progress: 1, outcome: 1 })
})

t.test('a field that the server does not know changes nothing, whatever it is called', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const send = sending(t, pairing, machine)
  const { code } = await pairing.code('worker-1')
  const enrol = { code, name: 'n', facts: machine.facts, preflight: [] }
  const sly = { state: 'approved', id: 'e', key: 'sha256:0', role: 'control-plane', revision: 99, toString: 1 }
  t.match(await send('enrol', { ...enrol, ...sly }), { status: 201 })
  const { revision } = await pairing.operator.show('worker-1')
  t.match(await send('enrol', { ...enrol, another: 1 }), { status: 200 }, 'the same machine asks again')
  const { state, role, revision: after } = await pairing.operator.show('worker-1')
  t.same({ state, role, after }, { state: 'pending', role: 'worker', after: revision })
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
})

t.test('operators’ bodies stay strict: a word that is not known may be a word that is misspelt', async (t) => {
  const pairing = await openPairing(t)
  const more = { name: 'worker-1', ttl: 1800, lables: { rack: 'r7' } }
  t.equal(await refusedWith(pairing.operator.createCode(more)), 'invalid-request')
})
