import { makeCode } from '@joinery/protocol'
import { systemRandom } from '@joinery/server/testing/base'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

/** Codes in every state that one can be in, none of which names its machine. */
const codesOf = async (pairing: Pairing): Promise<Record<string, string>> => {
  const [fresh, used, revoked, expired] = await Promise.all([
    pairing.code(),
    pairing.code(),
    pairing.code(),
    pairing.code(undefined, 60)
  ])
  await (await pairing.machine()).enrol(used.code, { name: 'other' })
  await pairing.operator.revokeCode(revoked.id)
  pairing.clock.advance(61_000)
  return {
    unknown: makeCode(systemRandom.bytes),
    fresh: fresh.code,
    used: used.code,
    revoked: revoked.code,
    expired: expired.code
  }
}

/** What a code cannot be asked about with: nothing of it happens, whatever the code. */
const questions: [what: string, Parameters<TestMachine['enrol']>[1], code: string][] = [
  ['a seal key that the machine did not sign', { sealKey: 'a.b.c' }, 'invalid-request'],
  ['a name that no machine can have', { name: 'No_Name' }, 'invalid-name'],
  ['both', { name: 'No_Name', sealKey: 'a.b.c' }, 'invalid-request']
]

for (const [what, more, refusal] of questions) {
  t.test(`with ${what} nobody learns anything about a code, and leaves no trace`, async (t) => {
    const pairing = await openPairing(t)
    const codes = await codesOf(pairing)
    const before = await pairing.operator.listCodes()
    const stranger = await pairing.machine()
    for (const [state, code] of Object.entries(codes)) {
      t.equal(await refusedWith(stranger.enrol(code, more)), refusal, `of one that is ${state}`)
    }
    t.same(await pairing.operator.listCodes(), before)
    t.match(await pairing.operator.list(), { items: [{ name: 'other', state: 'pending', conflicts: { length: 0 } }] })
  })
}

t.test('if the code names the machine, the name from the machine does not matter', async (t) => {
  const pairing = await openPairing(t)
  const [machine, thief] = [await pairing.machine(), await pairing.machine()]
  const { code } = await pairing.code('worker-1')
  t.match(await machine.enrol(code, { name: 'No_Name' }), { name: 'worker-1', state: 'pending' })
  t.match(await machine.enrol(code, { name: 'No_Name' }), { name: 'worker-1' }, 'again')
  t.equal(await refusedWith(thief.enrol(code, { name: 'No_Name' })), 'code-not-accepted')
  t.match(
    await pairing.operator.show('worker-1'),
    { state: 'frozen' },
    'and who asks leaves the trace that there always is'
  )
  const { code: counted } = await pairing.operator.createCode({ ttl: 600, uses: 2, name: 'node-{n}' })
  t.match(await thief.enrol(counted, { name: 'No_Name' }), { name: 'node-1' })
})
