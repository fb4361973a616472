import { type AgentMachine, openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

/** Until somebody acts: nobody else can help. */
const aboutAMinute = (t: Test, { clock: { slept } }: AgentMachine) => {
  t.ok(slept.length > 0)
  t.same(
    slept.filter((pause) => pause < 45_000 || pause > 75_000),
    []
  )
}

t.test('the agent reports the wrong group of a mistyped code, and sends nothing', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing, 'worker-1')
  const { code } = await pairing.code('worker-1')
  await open.putCode(code.replace(/^(jny_.{9})./, '$1U'))
  let asked = 0
  open.watch = (moment) => {
    if (moment.includes('before server.')) asked += 1
  }
  const agent = open.start()
  await says(open, /^\/etc\/joinery\/code: group 3 of 7 has a character that no code has; next try in/)
  t.equal(asked, 0)
  aboutAMinute(t, open)

  await open.putCode(code)
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a refused code stays where it is, and another one replaces it', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing, 'worker-1')
  const { id, code } = await pairing.code('worker-1')
  await pairing.operator.revokeCode(id)
  await open.putCode(code)
  const agent = open.start()
  await says(open, /revoked at .*; next try in/)
  aboutAMinute(t, open)
  t.ok(await open.has('/etc/joinery/code'))
  await open.putCode()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('the agent sends nothing to a server with another pin, and says which one it expected', async (t) => {
  const pairing = await openPairing(t)
  const pin = `sha256:${'a'.repeat(64)}`
  const open = await openMachine(t, pairing, 'worker-1', { pin })
  const { id, code } = await pairing.code('worker-1')
  await open.putCode(code)
  const agent = open.start()
  await says(open, new RegExp(`expected a CA with key ${pin}, seen ${pairing.pin}; nothing was sent`))
  const codes = await pairing.operator.listCodes()
  t.match(
    codes.items.find((shown) => shown.id === id),
    { status: 'open' }
  )
  agent.stop()
  t.equal(await agent.ended, 'stopped')
})
