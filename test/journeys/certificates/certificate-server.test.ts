import { certificateRequest } from '@joinery/agent/testing/keys'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

t.test('a code has the server’s kind of credential, unless it says otherwise', async (t) => {
  const tokens = await openPairing(t)
  const certificates = await openPairing(t, { credential: 'certificate' })
  const create = async ({ operator }: typeof tokens, credential?: 'token' | 'certificate') =>
    (await operator.createCode({ ttl: 600, ...(credential && { credential }) })).credential
  t.equal(await create(tokens), 'token')
  t.equal(await create(tokens, 'certificate'), 'certificate')
  t.equal(await create(certificates), 'certificate')
  t.equal(await create(certificates, 'certificate'), 'certificate')
})

t.test('a server without a right to Secrets makes no code for a token, and has a remedy', async (t) => {
  const { operator } = await openPairing(t, { credential: 'certificate' })
  await t.rejects(operator.createCode({ ttl: 600, credential: 'token' }), {
    code: 'credential-unavailable',
    remedy: 'joinery code create --credential certificate'
  })
  t.same((await operator.listCodes()).items, [])
})

t.test('a server that is set to certificates makes no token for a waiting machine, and forgets old ones', async (t) => {
  const pairing = await openPairing(t)
  const { operator, cluster, config } = pairing
  const enrol = async (name: string) => {
    const machine = await pairing.machine()
    await machine.enrol((await pairing.code(name)).code)
    return machine
  }
  const [joining, approved] = [await enrol('worker-1'), await enrol('worker-2')]
  await enrol('worker-3')
  await approve(pairing, 'worker-1')
  await approve(pairing, 'worker-2')
  await claimToken(joining)

  config.credential = 'certificate'
  const forbidden = async () => {
    throw new Error('the API server forbids it (403)')
  }
  const { deleteToken } = cluster
  Object.assign(cluster, { createToken: forbidden, deleteToken: forbidden })
  await pairing.restart()

  t.equal(await refusedWith(approved.server.claim()), 'credential-unavailable', 'no token is minted')
  t.equal(await refusedWith(joining.server.claim()), 'credential-unavailable', 'nor given once more')
  t.equal(await refusedWith(approve(pairing, 'worker-3')), 'credential-unavailable', 'an operator is told at once')

  await operator.reject('worker-1', { reason: 'by certificate instead' })
  await pairing.reconcile()
  t.same((await operator.status()).cluster.trouble, undefined, 'nobody asks for what is forbidden')
  pairing.clock.advance(600_000)
  await pairing.reconcile()
  t.same(await cluster.tokens(), [], 'the token has ended by itself')
  const { revision } = await operator.show('worker-1')
  await pairing.reconcile()
  t.equal((await operator.show('worker-1')).revision, revision, 'and is known to be gone')
  Object.assign(cluster, { deleteToken })
})

t.test('an enrolment without a join key is read, and an upgraded agent sends its key', async (t) => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  t.equal((await pairing.operator.show('worker-1')).joinKey, undefined)
  const joinKey = await newJoinKey()
  await machine.server.observe({ facts: machine.facts, preflight: [], joinKey: joinKey.fingerprint })
  await approve(pairing, 'worker-1')
  t.match(await machine.server.claim({ request: await certificateRequest(joinKey, 'worker-1') }), { attempt: 1 })
})

t.test('the join key of a machine with a token is not evidence', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  const { fingerprint } = await newJoinKey()
  t.match(await machine.server.observe({ facts: machine.facts, preflight: [], joinKey: fingerprint }), {
    state: 'approved'
  })
  t.match(await claimToken(machine), { attempt: 1 })
})
