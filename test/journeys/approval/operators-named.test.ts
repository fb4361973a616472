import { connect } from '@joinery/cli/testing/session'
import { operatorHeader } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { Client } from 'undici'

/** One operator more, who says who they are. */
const as = (t: Test, { config }: Pairing, operator: string): Pairing['operator'] => {
  const client = connect(config.operators.socket, { operator })
  t.teardown(() => client.close())
  return client
}

t.test('timeline and log name the operator', async (t) => {
  const pairing = await openPairing(t)
  const [alice, bob] = ['alice (uid 1000)', 'bob (uid 1001)']
  const { id, code } = await as(t, pairing, alice).createCode({ ttl: 1800, name: 'worker-1' })
  await (await pairing.machine()).enrol(code)
  await approve({ ...pairing, operator: as(t, pairing, bob) }, 'worker-1')
  await as(t, pairing, alice).reject('worker-1', { reason: 'no' })
  const of = (timeline: { actor: string; event: string; by?: string }[]) =>
    timeline.filter(({ actor }) => actor === 'operator').map(({ event, by }) => [event, by])
  t.same(of((await pairing.operator.showCode(id)).timeline), [['create', alice]])
  t.same(of((await pairing.operator.show('worker-1')).timeline), [
    ['approve', bob],
    ['reject', alice]
  ])
  t.match(pairing.log, `"actor":"operator","by":"${bob}","event":"approve"`)
})

t.test('an operator without a name is called operator, and no machine is one', async (t) => {
  const pairing = await openPairing(t)
  const { id, code } = await pairing.code('worker-1')
  await (await pairing.machine()).enrol(code)
  await approve(pairing, 'worker-1')
  await pairing.operator.revokeCode(id)
  const { timeline } = await pairing.operator.show('worker-1')
  t.ok(timeline.length > 1)
  for (const entry of timeline) t.notOk('by' in entry, entry.event)
})

t.test("an operator's name that is broken is refused, and does nothing", async (t) => {
  const pairing = await openPairing(t)
  const { id } = await pairing.code('worker-1')
  const raw = new Client('http://joinery-server', { socketPath: pairing.config.operators.socket })
  t.teardown(() => raw.close())
  const revokeAs = async (name: string) => {
    const headers = { [operatorHeader]: name }
    const { statusCode, body } = await raw.request({ method: 'POST', path: `/v1/codes/${id}/revoke`, headers })
    return { statusCode, ...((await body.json()) as object) }
  }
  for (const bad of [
    'alice',
    'alice (uid x)',
    `${'a'.repeat(65)} (uid 1)`,
    'a\tb (uid 1)',
    'operator: x (uid 1)',
    ''
  ]) {
    t.match(await revokeAs(bad), { statusCode: 400, code: 'invalid-request' }, bad)
  }
  t.match(await pairing.operator.showCode(id), { status: 'open' })
  t.match(await revokeAs('alice (uid 1000)'), { statusCode: 200, status: 'revoked' })
})
