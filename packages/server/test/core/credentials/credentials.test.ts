import { X509Certificate } from 'node:crypto'
import { callTimeout } from '@joinery/kube'
import { type State, states } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import type { Decide } from '../../../src/core/commit/enrolments.ts'
import { certificate as certificateKind } from '../../../src/core/credentials/certificate.ts'
import { Credentials } from '../../../src/core/credentials/credentials.ts'
import { newTokenId, tokenSecret } from '../../../src/core/credentials/derive.ts'
import { token as tokenKind } from '../../../src/core/credentials/token.ts'
import { decideIssued } from '../../../src/core/enrolment/csr/decide-issued.ts'
import { makeAuthority } from '../../../src/core/keys/certificates.ts'
import { makeKey, readKeyPair } from '../../../src/core/keys/keys.ts'
import { MasterKeys } from '../../../src/core/keys/master-keys.ts'
import type { AttemptDocument } from '../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import { guardedOver } from '../../../src/testing/guarded.ts'

const now = new Date('2026-01-01T00:00:00Z')
const attempt = anAttempt('abc123', { claimed: now.toISOString(), expires: '2026-01-01T01:10:00.000Z' })

const certificate = await makeAuthority(readKeyPair(makeKey()), now)

/** Credentials of one enrolment; gives what was asked of the cluster. */
const over = (enrolment: EnrolmentDocument | undefined) => {
  const asked: unknown[] = []
  const ask = (what: string) => async (given: unknown) => {
    asked.push([what, given])
  }
  const credentials = new Credentials({
    store: { enrolment: async () => enrolment },
    cluster: { now: () => now },
    ...guardedOver({
      createToken: ask('createToken'),
      createOwnCsr: (csr) => ask('createOwnCsr')(csr).then(() => aCsr(csr.name))
    }),
    clock: { now: () => now },
    masterKeys: new MasterKeys([{ file: 'master.key', key: new Uint8Array(32) }]),
    kind: 'token'
  } as unknown as ConstructorParameters<typeof Credentials>[0])
  return { credentials, asked }
}

const expiries = (asked: unknown[]) => (asked as [string, { expires: Date }][]).map(([, { expires }]) => expires)

t.test('no credential after the end: a token is made only for an open attempt', async (t) => {
  for (const state of states) {
    const { credentials, asked } = over(anEnrolment('e', { state, join: { attempts: [attempt] } }))
    if (state === 'joining') {
      const { token } = await credentials.give(tokenKind, 'e')
      t.match(token, /^abc123\.[a-z0-9]{16}$/, state)
      t.match(asked, [['createToken', { id: 'abc123' }]], state)
      // `match` takes any date for any other
      t.same(expiries(asked), [new Date('2026-01-01T01:10:00Z')], "the cluster's time")
    } else {
      await t.rejects(credentials.give(tokenKind, 'e'), { code: 'illegal-event' }, state)
      t.same(asked, [], state)
    }
  }
})

t.test('no certificate after the end, and none for a missing enrolment', async (t) => {
  const { tokenId: _, ...without } = attempt
  const byCertificate = { ...without, credentialCsr: 'joinery-e-1' }
  for (const state of states.filter((one) => one !== 'joining')) {
    const { credentials, asked } = over(anEnrolment('e', { state, join: { attempts: [byCertificate] } }))
    await t.rejects(credentials.give(certificateKind, 'e', { request: 'a request' }), { code: 'illegal-event' }, state)
    t.same(asked, [], state)
  }
  await t.rejects(over(undefined).credentials.give(tokenKind, 'e'), { code: 'illegal-event' })
})

/** Credentials of one enrolment that is over, by the cluster's clock at that time; `story`: what was done, in order. */
const settling = (enrolment: EnrolmentDocument, time: Date, kind: 'token' | 'certificate' = 'token') => {
  const story: string[] = []
  const world = { time, banFails: false }
  let current = enrolment
  const credentials = new Credentials({
    store: { enrolment: async () => current },
    cluster: { now: () => world.time },
    ...guardedOver({
      deleteToken: async (id) => void story.push(`deleteToken ${id}`),
      deleteOwnCsr: async (name) => void story.push(`deleteOwnCsr ${name}`)
    }),
    clock: { now: () => now },
    bans: {
      ban: async (name: string) => {
        if (world.banFails) throw new Error('the cluster is away')
        story.push(`ban ${name}`)
      }
    },
    enrolments: {
      change: async (_: string, decide: Decide) => {
        const decision = decide(current, now)
        current = decision?.enrolment ?? current
        story.push(`commit ${decision?.entries.map(({ event }) => event).join(' ')}`)
        return current
      }
    },
    masterKeys: new MasterKeys([{ file: 'master.key', key: new Uint8Array(32) }]),
    kind
  } as unknown as ConstructorParameters<typeof Credentials>[0])
  return { credentials, world, story: () => story.splice(0), current: () => current }
}
const expires = Date.parse('2026-01-01T01:10:00Z')
const rejected = anEnrolment('e', { state: 'rejected', join: { attempts: [attempt] } })

t.test('a credential that was asked for can come until a time-out after its deadline', async (t) => {
  const last = expires + callTimeout
  for (const [time, gone] of [
    [last - 1, false],
    [last, true],
    [last + 1, true]
  ] as const) {
    const { credentials, story, current } = settling(rejected, new Date(time))
    await credentials.settle(current())
    t.same(story(), ['deleteToken abc123', ...(gone ? ['commit '] : [])], `at ${time - last} ms`)
    t.equal(current().join.attempts[0]?.tokenDeleted ?? false, gone, `at ${time - last} ms`)
  }
})

t.test('a credential that was deleted and can still come is deleted again only by a sweep', async (t) => {
  const { credentials, story, world, current } = settling(rejected, now)
  const deletes = async (sweep: boolean) => {
    const has = credentials.hasToDelete(current(), sweep)
    await credentials.settle(current(), sweep)
    t.same(story().length > 0, has, 'it is known before')
    return has
  }
  t.equal(await deletes(false), true)
  t.equal(await deletes(false), false)
  t.equal(await deletes(true), true)
  world.time = new Date(expires + callTimeout)
  t.equal(await deletes(false), true, 'for the last time')
  t.equal(await deletes(true), false)
})

t.test('a server that is set to certificates deletes no token, because it has no right to', async (t) => {
  const { credentials, story, current } = settling(rejected, now, 'certificate')
  await credentials.settle(current())
  t.same(story(), [])
})

const { tokenId: __, ...withoutToken } = attempt
const byCsr: AttemptDocument = { ...withoutToken, credentialCsr: 'joinery-e-1' }
const issuedAttempt = { ...byCsr, issued: { serial: '0A', since: now.toISOString() } }

t.test('in order: a ban comes before its note, and is done again if it is cut in between', async (t) => {
  const over = anEnrolment('e', { state: 'rejected', join: { attempts: [issuedAttempt] } })
  const { credentials, story, world, current } = settling(over, now)
  world.banFails = true
  await t.rejects(credentials.settle(current()), /away/)
  t.same(story(), [])
  t.equal(current().certificates.nameBanned, undefined)
  world.banFails = false
  await credentials.settle(current())
  t.same(story(), ['ban name-of-e', 'commit banned', 'deleteOwnCsr joinery-e-1'])
})

const issues: [what: string, state: State, number: number, attempts: AttemptDocument[], noted: boolean | undefined][] =
  [
    ['the open attempt', 'joining', 1, [byCsr], true],
    ['the open attempt, again', 'joining', 1, [issuedAttempt], false],
    ['an attempt before', 'joining', 1, [byCsr, { ...byCsr, number: 2 }], undefined],
    ['an attempt that is over', 'rejected', 1, [byCsr], undefined],
    ['a machine that has joined', 'joined', 1, [byCsr], undefined]
  ]
for (const [what, state, number, attempts, noted] of issues) {
  const becomes = noted === undefined ? 'refused' : noted ? 'noted' : 'the one that was noted'
  t.test(`a certificate for ${what} is ${becomes}`, async (t) => {
    const decide = () =>
      decideIssued(
        anEnrolment('e', { state, join: { attempts } }),
        number,
        { name: 'joinery-e-1', created: now },
        certificate,
        now
      )
    if (noted === undefined) return t.throws(decide, { code: 'illegal-event' })
    if (!noted) return t.equal(decide(), undefined)
    const { serialNumber } = new X509Certificate(certificate)
    t.match(decide()?.enrolment.join.attempts.at(-1), { issued: { serial: serialNumber, since: now.toISOString() } })
  })
}

t.test('the secret of a token depends only on the master key, enrolment and attempt', async (t) => {
  const key = new Uint8Array(32)
  const secret = tokenSecret(key, 'e', 1)
  t.match(secret, /^[a-z0-9]{16}$/)
  t.equal(tokenSecret(new Uint8Array(32), 'e', 1), secret, 'the same again')
  const others = [tokenSecret(key, 'e', 2), tokenSecret(key, 'f', 1), tokenSecret(new Uint8Array(32).fill(1), 'e', 1)]
  t.equal(new Set([secret, ...others]).size, 4)
})

t.test('a token id is only random, and skips a byte that would make some ids more likely', async (t) => {
  const bytes = [251, 252, 255, 0, 35, 36, 71, 1]
  t.equal(
    newTokenId(() => Uint8Array.from(bytes)),
    'z0z0z1'
  )
})
