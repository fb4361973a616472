import { noFacts } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideRecoveryNode } from '../../../../src/core/enrolment/node/decide-node.ts'

const now = new Date('2026-01-01T00:05:00Z')
const key = 'sha256:a'
const csr = { name: 'csr-1', uid: 'u1', key, serial: '0A' }
const asked = { state: 'approved', since: '' } as const
const claimed = {
  recovery: { ...asked, attempt: 2 },
  join: {
    agentReady: { at: '', certificate: { fingerprint: key, serial: '0A' } },
    attempts: [{ number: 1 }, { number: 2, recovery: true, credentialCsr: 'joinery-e1-2', kubeletCsrs: [csr] }]
  }
} satisfies EnrolmentPart
const silent = { ...claimed, join: { attempts: claimed.join.attempts } }
/** A way back of a machine that asked at that time, while the cluster called its Node Ready and its Lease was over. */
const silently = (time: string) => ({
  ...asked,
  silent: true as const,
  asked: { at: `2026-01-01T${time}:00.000Z`, address: '', reason: 'missing' as const, joinKey: key, facts: noFacts }
})

const rows: [what: string, part: EnrolmentPart, state: string | undefined, says?: RegExp][] = [
  [
    'is Ready, and the machine holds what was issued',
    claimed,
    'ready',
    /^back: Node Ready; agent holds certificate serial 0A/
  ],
  ['is Ready, and the agent is silent', silent, undefined],
  [
    'is Ready, and the machine holds another certificate',
    { ...claimed, join: { ...claimed.join, agentReady: { at: '', certificate: { fingerprint: key, serial: '0B' } } } },
    undefined
  ],
  [
    'is Ready, and another key got a certificate too',
    {
      ...claimed,
      join: {
        ...claimed.join,
        attempts: [{ number: 1 }, { ...claimed.join.attempts[1], kubeletCsrs: [csr, { ...csr, key: 'sha256:b' }] }]
      }
    },
    undefined
  ],
  ['is Ready before the claim', { recovery: asked }, 'ready', /^the Node is Ready again by itself$/],
  ['is Ready as it was when the machine asked, and nobody was heard', { recovery: silently('00:04') }, undefined],
  ['became Ready since the machine asked', { recovery: silently('00:02') }, 'ready', /Ready again by itself$/],
  ['is not Ready', { ...claimed, node: { condition: 'NotReady' } }, undefined],
  ['was deleted', { ...claimed, node: { condition: 'Gone' } }, 'ready', /^the Node was deleted/],
  ['is Ready, and nobody asked for the way back', { state: 'ready' }, undefined]
]
for (const [what, part, state, says] of rows) {
  t.test(`a Node that ${what}: ${state ?? 'as before'}`, async (t) => {
    const enrolment = anEnrolment(
      'e1',
      {
        state: 'recovering',
        join: { ready: '2026-01-01T00:00:00.000Z' },
        node: { condition: 'Ready', ready: '2026-01-01T00:03:00.000Z' }
      },
      part
    )
    const decided = decideRecoveryNode(enrolment, now)
    t.equal(decided?.enrolment.state, state)
    if (says !== undefined)
      t.match(
        decided?.entries.map(({ detail }) => detail),
        [says]
      )
  })
}
