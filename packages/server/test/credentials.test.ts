import { states } from '@joinery/protocol'
import t from 'tap'
import { anEnrolment } from '../../../test/contract/store-contract.ts'
import { Credentials } from '../src/credentials/credentials.ts'
import type { AttemptDocument, EnrolmentDocument } from '../src/store/store.ts'

const now = new Date('2026-01-01T00:00:00Z')
const attempt: AttemptDocument = {
  number: 1,
  tokenId: 'abc123',
  claimed: now.toISOString(),
  deadline: '2026-01-01T00:10:00.000Z',
  expires: '2026-01-01T01:10:00.000Z',
  refusedCsrs: []
}

/** Credentials of one enrolment; gives what was asked of the cluster. */
const over = (enrolment: EnrolmentDocument | undefined) => {
  const asked: unknown[] = []
  const ask = (what: string) => async (given: unknown) => {
    asked.push([what, given])
  }
  const credentials = new Credentials({
    store: { enrolment: async () => enrolment },
    cluster: { createToken: ask('createToken'), createOwnCsr: ask('createOwnCsr'), now: () => now },
    clock: { now: () => now },
    masterKey: new Uint8Array(32),
    kind: 'token'
  } as unknown as ConstructorParameters<typeof Credentials>[0])
  return { credentials, asked }
}

t.test('no credential after the end: a token is made for an open attempt, and in no other state', async (t) => {
  for (const state of states) {
    const { credentials, asked } = over(anEnrolment('e', { state, attempts: [attempt] }))
    if (state === 'joining') {
      const { token } = await credentials.token('e')
      t.match(token, /^abc123\.[a-z0-9]{16}$/)
      t.match(
        asked,
        [['createToken', { id: 'abc123', expires: new Date('2026-01-01T01:10:00Z') }]],
        "the cluster's time"
      )
    } else {
      await t.rejects(credentials.token('e'), { code: 'illegal-event' }, state)
      t.same(asked, [], state)
    }
  }
})

t.test('no certificate after the end, and none for an enrolment that there is not', async (t) => {
  const { tokenId: _, ...without } = attempt
  const byCertificate = { ...without, credentialCsr: 'joinery-e-1' }
  for (const state of states.filter((one) => one !== 'joining')) {
    const { credentials, asked } = over(anEnrolment('e', { state, attempts: [byCertificate] }))
    await t.rejects(credentials.certificate('e', 'a request'), { code: 'illegal-event' }, state)
    t.same(asked, [], state)
  }
  await t.rejects(over(undefined).credentials.token('e'), { code: 'illegal-event' })
})
