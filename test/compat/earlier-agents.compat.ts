import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { checkOut, isHere } from './earlier.ts'
import { goTheWays, type Sides } from './ways.ts'

// the commit is checked out, and its dependencies are linked
t.setTimeout(300_000)

/** Machines that have this agent must still come in: nobody installs a machine anew because its server was. */
const commit = '0ab77e28'
const skip = (await isHere(commit)) ? false : `this clone does not have ${commit}: git fetch --unshallow`

t.test(`agents of ${commit} work with the present server`, { skip }, async (t) => {
  const earlier = await checkOut(t, commit)
  const { openMachine } = (await earlier('packages/testing/src/agents/agents.ts')) as Pick<Sides, 'openMachine'>
  goTheWays(t, { openPairing, openMachine })
})
