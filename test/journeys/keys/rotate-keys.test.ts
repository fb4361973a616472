import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { rotateKeys } from '@joinery/server/testing/rotation'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approved, claimToken } from '@joinery/testing/pairing/steps'
import t from 'tap'

const mastersIn = async ({ config }: Pairing): Promise<string[]> =>
  (await readdir(config.state)).filter((name) => name.startsWith('master'))

t.test(
  'a machine that joins while the master key is rotated gets the same token again, and the old key goes after it',
  async (t) => {
    const pairing = await openPairing(t)
    const [one, two] = [await approved(pairing, 'worker-1'), await approved(pairing, 'worker-2')]
    const before = await claimToken(one)
    await rotateKeys({ state: pairing.config.state, random: randomBytes, print: () => {} })
    await pairing.restart()

    t.equal((await claimToken(one)).token, before.token, 'a claim that is repeated after the rotation')
    const after = await claimToken(two)
    t.not(after.token, before.token)
    await pairing.reconcile()
    t.same((await mastersIn(pairing)).length, 2, 'the old key is needed while its attempt is open')
    t.equal((await claimToken(one)).token, before.token)

    await pairing.operator.reject('worker-1', { reason: 'enough' })
    await pairing.reconcile()
    t.match(await mastersIn(pairing), [/^master-2-/], 'and no longer')
    t.equal((await claimToken(two)).token, after.token)
    await pairing.restart()
    t.equal((await claimToken(two)).token, after.token, 'a server without the first key goes on')
    const three = await approved(pairing, 'worker-3')
    t.match((await claimToken(three)).token, /^[a-z0-9]{6}\.[a-z0-9]{16}$/)
    t.notOk(JSON.stringify(await pairing.operator.show('worker-2')).includes('masterKey'), 'nobody is told of its name')
  }
)
