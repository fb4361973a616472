import { type AuditLeaf, type TimelineEntry, timelineEvents } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { aConflict, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import type { Change } from '../../../src/core/ports/store/change.ts'
import { leavesOf } from '../../../src/features/audit/leaves-of.ts'

const now = new Date('2026-01-02T00:00:00Z')
const time = now.toISOString()
const leaves = (change: Change): AuditLeaf[] => leavesOf(change).map((text) => JSON.parse(text))

const machine = { name: 'name-of-e', role: 'worker', code: 'code', key: 'key of e' }
const attempt = {
  number: 1,
  tokenId: 'abcdef',
  csr: { name: 'csr-1', uid: 'u1' },
  certificate: { serial: '0a', fingerprint: 'sha256:k' }
}

const rows: [TimelineEntry, EnrolmentPart, Record<string, unknown>][] = [
  [
    { ...entry(now, 'operator', 'approve', ''), by: 'alice (uid 1000)' },
    { facts: { machineId: 'm', productUuid: 'p' }, approval: { evidence: { revision: 4 } as never } },
    { ...machine, address: '192.0.2.1', machineId: 'm', productUuid: 'p', revision: 4 }
  ],
  [entry(now, 'operator', 'reject', 'stolen'), { state: 'rejected' }, { ...machine, detail: 'stolen' }],
  [
    entry(now, 'agent', 'claim', 'words'),
    { state: 'joining', join: { attempts: [attempt] } },
    { ...machine, attempt: 1, token: 'abcdef' }
  ],
  [
    entry(now, 'server', 'credential-issued', 'words'),
    { state: 'joining', join: { attempts: [{ credentialCsr: 'own', issued: { serial: '0b', since: '' } }] } },
    { ...machine, attempt: 1, credentialCsr: 'own', credentialSerial: '0b', detail: 'words' }
  ],
  [
    entry(now, 'cluster', 'register', 'words'),
    { state: 'joined', join: { attempts: [attempt] }, node: { uid: 'n1' } },
    {
      ...machine,
      attempt: 1,
      token: 'abcdef',
      csr: 'csr-1',
      csrUid: 'u1',
      serial: '0a',
      certificateKey: 'sha256:k',
      node: 'n1'
    }
  ],
  [
    entry(now, 'cluster', 'certificate-issued', 'words'),
    {
      state: 'joining',
      join: { attempts: [{ credentialCsr: 'own', kubeletCsrs: [{ name: 'c', uid: 'u', key: 'k', serial: '0c' }] }] }
    },
    {
      ...machine,
      attempt: 1,
      credentialCsr: 'own',
      csr: 'c',
      csrUid: 'u',
      serial: '0c',
      certificateKey: 'k',
      detail: 'words'
    }
  ],
  [
    entry(now, 'agent', 'give-up', 'machine: words of a machine'),
    { state: 'failed', join: { attempts: [{ ...attempt, failure: 'words of a machine' }] } },
    { ...machine, attempt: 1, token: 'abcdef', failedBy: 'machine' }
  ],
  [
    entry(now, 'agent', 'conflict', 'why', true),
    { state: 'frozen', conflict: { seen: [aConflict({ key: 'thief' })] } },
    { ...machine, address: '192.0.2.1', otherKey: 'thief', detail: 'why' }
  ],
  [
    entry(now, 'cluster', 'conflict', 'why', true),
    { state: 'frozen', conflict: { seen: [aConflict({ key: 'of an earlier one' })] } },
    { ...machine, address: '192.0.2.1', detail: 'why' }
  ]
]

for (const [entry, part, fields] of rows) {
  t.test(`the leaf of ${entry.event} by ${entry.actor} says what the commit did`, async (t) => {
    const made = leaves({ enrolments: [anEnrolment('e', part)], entries: [{ subject: 'e', entry }] })
    const { actor, event, by, alert } = entry
    t.same(made, [{ v: 1, time, event, subject: 'e', actor, ...(by && { by }), ...(alert && { alert }), fields }])
  })
}

t.test('a use of a code is a leaf of the code and of the enrolment, in the order of the commit', async (t) => {
  const made = leaves({
    codes: [aCode('c', { name: 'worker-1', from: ['192.0.2.0/24', '198.51.100.0/24'] })],
    enrolments: [anEnrolment('e')],
    entries: [
      { subject: 'c', entry: entry(now, 'agent', 'used', 'by key k') },
      { subject: 'e', entry: entry(now, 'agent', 'enrol', 'key k') }
    ]
  })
  t.match(made, [
    { subject: 'c', event: 'used', fields: { name: 'worker-1', detail: 'by key k' } },
    { subject: 'e', event: 'enrol', fields: machine }
  ])
  const [created] = leaves({
    codes: [aCode('c', { from: ['192.0.2.0/24', '198.51.100.0/24'] })],
    entries: [{ subject: 'c', entry: entry(now, 'operator', 'create', 'w') }]
  })
  t.match(created?.fields, { uses: 1, expires: '2026-01-01T00:30:00.000Z', from: '192.0.2.0/24 198.51.100.0/24' })
})

t.test('a Decision of the cluster is in the leaf', async (t) => {
  const decided = { ...entry(now, 'operator', 'reject', 'no'), by: 'alice', decision: 'uid-1' }
  t.match(leaves({ entries: [{ subject: 'e', entry: decided }] }), [{ by: 'alice', decision: 'uid-1' }])
})

t.test('a repeated event has one leaf, and an event without an answer none', async (t) => {
  const alert = entry(now, 'server', 'older-store', 'x', true)
  t.equal(leaves({ entries: [{ subject: 'store', entry: { ...alert, count: 2 } }] }).length, 0)
  t.equal(leaves({ entries: [{ subject: 'store', entry: { ...alert, count: 1 } }] }).length, 1)
  for (const [event, { leaf }] of Object.entries(timelineEvents)) {
    const { length } = leaves({ entries: [{ subject: 'e', entry: { ...alert, event } }] })
    t.equal(length, leaf === 'none' ? 0 : 1, event)
  }
})

t.test('no word of a machine is in a leaf of its own doing', async (t) => {
  const word = 'CANARY'
  const events = ['enrol', 'claim', 'agent-ready', 'fail', 'give-up', 'recover', 'end-recovery'] as const
  for (const event of events) {
    const [leaf] = leavesOf({
      enrolments: [
        anEnrolment('e', {
          state: 'failed',
          reason: word,
          join: { attempts: [{ failure: word, stage: word }] },
          facts: { hostname: word } as never
        })
      ],
      entries: [{ subject: 'e', entry: entry(now, 'agent', event, word) }]
    })
    t.notMatch(leaf, word, event)
  }
})
