import { ProblemError } from '@joinery/protocol'
import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, waitsPending } from '@joinery/testing/agents/outcomes'
import { until } from '@joinery/testing/agents/until'
import { agentsFront } from '@joinery/testing/front/agents-front'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { serverHost } from '@joinery/testing/pairing/server-host'
import t from 'tap'

t.test('R1: one answer of a server that was taken over captures no machine', async (t) => {
  const pairing = await openPairing(t)
  const { folder, pin } = await serverHost(t)
  const evil = await agentsFront(t, `${folder}/server`)
  const thief = await agentsFront(t, pairing.config.state)
  thief.answer = () => ({
    status: 404,
    headers: { 'joinery-next-pin': pin, 'joinery-servers': evil.url },
    body: new ProblemError('not-found').body
  })
  let at = thief.url
  const open = await openWithCode(t, Object.create(pairing, { url: { get: () => at } }))
  open.start()
  await until('the thief has answered', () => open.clock.slept.length > 0)
  at = pairing.url
  open.network.cut()
  await waitsPending(pairing, open)
  open.network.goDown()
  // earlier agents went to the other server at once
  const gone = open.clock.monotonic()
  await until('the clean server was away for a while', () => open.clock.monotonic() - gone > 300_000)
  open.network.comeBack()
  await open.reboot()
  t.same(evil.requests, [], 'nothing is sent to the other server')
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
  t.same(evil.requests, [])
})
