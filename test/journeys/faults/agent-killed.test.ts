import { playLives } from '@joinery/testing/agents/lives'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { momentsOf, playWay, stepOf, ways, workerSteps } from './agent-ways.ts'

const killedIn = new Set<string>()

for (const [name, way] of Object.entries(ways)) {
  t.test(`an agent ${name} may be killed at any moment`, async (t) => {
    const pairing = await openPairing(t)
    const moments = momentsOf(way, await playWay(t, pairing, way))
    // before all that it does, and after each write; after anything else the next thing comes
    const kills = moments.filter((moment) => /: before |: after files\./.test(moment))
    for (const moment of kills) killedIn.add(stepOf(moment))
    await playLives(
      t,
      kills,
      (moments) => `the agent goes on after it is killed in ${moments}`,
      (t, left) => playWay(t, pairing, way, left, (_, __, restart) => restart())
    )
  })
}

t.test('the agent was killed in every step that exists', async (t) => {
  t.same([...killedIn].sort(), workerSteps)
})
