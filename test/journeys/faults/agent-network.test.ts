import type { Moment } from '@joinery/testing/agents/agent-process'
import { onceAt, openWithCode } from '@joinery/testing/agents/agents'
import { playLives } from '@joinery/testing/agents/lives'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { momentsOf, playWay, stepOf, ways, workerSteps } from './agent-ways.ts'

const asks = (moment: Moment): boolean => moment.includes(': before server.')

const restartedIn = new Set<string>()

for (const [name, way] of Object.entries(ways)) {
  t.test(`an agent ${name} ends the same if the server is restarted or an answer is lost`, async (t) => {
    const pairing = await openPairing(t)
    const moments = momentsOf(way, await playWay(t, pairing, way))
    const firsts = way.steps.flatMap((step) => moments.find((moment) => stepOf(moment) === step) ?? [])
    const restarts = new Set([...firsts, ...moments.filter(asks)])
    for (const moment of restarts) restartedIn.add(stepOf(moment))
    await playLives(
      t,
      [...restarts],
      (moments) => `the way ends the same with a restart in ${moments}`,
      (t, left) => playWay(t, pairing, way, left, () => pairing.restart())
    )
    await playLives(
      t,
      moments.filter(asks),
      (moments) => `the way ends the same with a loss in ${moments.replaceAll('before', 'the answer to')}`,
      async (t, left) => {
        const losses: (() => boolean)[] = []
        await playWay(t, pairing, way, left, async ({ network }, { server }) => {
          // so that there is a connection, and the next thing that is said on it is the answer
          await server.wait(0, 0, new AbortController().signal).catch(() => undefined)
          losses.push(network.loseNextAnswer())
        })
        t.ok(losses.every((lost) => lost()))
      }
    )
  })
}

t.test('the server was restarted in every step that an agent has', async (t) => {
  t.same([...restartedIn].sort(), workerSteps)
})

t.test('a poll that a restart of the server cuts is repeated', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  await pairing.restart()
  await approve(pairing, 'worker-1')
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('without an answer the agent tries less and less often, and says since when', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.network.goDown()
  const agent = open.start()
  await eventually('it has tried for a while', () => open.clock.slept.length >= 8)
  t.same(open.clock.slept.slice(0, 8).map(Math.round), [1250, 2250, 4250, 8250, 16250, 30250, 30250, 30250])
  await says(open, /^https:\/\/127\.0\.0\.1:\d+: it closed the connection; next try in 2 s$/)
  await says(open, /^https:\/\/127\.0\.0\.1:\d+: .*; failing for 33 s; next try in 31 s$/)
  open.network.comeBack()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('while the Kubernetes API is away, no attempt begins and none is lost', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  onceAt(open, 'claim-and-join: before server.claim', () => pairing.cluster.goDown())
  await approvePending(pairing, open)
  await says(open, /connection refused; next try in/)
  await pairing.cluster.comeBack()
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})
