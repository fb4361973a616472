import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { momentsOf, playWay, stepOf, ways, workerSteps } from './agent-ways.ts'

// some forty machines, one after the other
t.setTimeout(120_000)

const killedIn = new Set<string>()

for (const [name, way] of Object.entries(ways)) {
  t.test(`an agent ${name} may be killed at any moment`, async (t) => {
    const pairing = await openPairing(t)
    const moments = momentsOf(way, await playWay(t, pairing, way))
    // before all that it does, and after each write; after anything else the next thing comes
    for (const moment of moments.filter((moment) => /: before |: after files\./.test(moment))) {
      killedIn.add(stepOf(moment))
      await t.test(`the agent goes on after it is killed in ${moment}`, async (t) => {
        await playWay(t, pairing, way, moment, (_, __, restart) => restart())
      })
    }
  })
}

t.test('the agent was killed in every step that exists', async (t) => {
  t.same([...killedIn].sort(), workerSteps)
})
