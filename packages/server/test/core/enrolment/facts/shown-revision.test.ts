import { noFacts } from '@joinery/protocol'
import { aConflict, anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { shownRevision, withShown } from '../../../../src/core/enrolment/facts/shown.ts'

const check = { name: 'disk-space', verdict: 'pass', finding: '12 GB are free' } as const
const before = anEnrolment('a', { revision: 7, approval: { shownAt: 3 }, preflight: [check] })

const node = { uid: 'n1', registered: '', condition: 'Ready', message: '' } as const

/** What changes, and whether an approval of what was shown before is refused. */
const changes: [string, EnrolmentPart, boolean][] = [
  ['nothing', {}, false],
  ['the words of a check', { preflight: [{ ...check, finding: '11 GB are free', why: 'so', remedy: ['df'] }] }, false],
  ['another key that alerted', { conflict: { seen: [aConflict()], codeClosed: '2026-01-01T00:00:00.000Z' } }, false],
  [
    'a Node, an attempt, a grant',
    { node, join: { attempts: [anAttempt('abc123')], grant: { sealed: '', until: '' } } },
    false
  ],
  ['the verdict of a check', { preflight: [{ ...check, verdict: 'fail' }] }, true],
  ['a check that is ignored', { preflight: [{ ...check, ignored: true }] }, true],
  ['a check that is gone', { preflight: [] }, true],
  ['a fact', { facts: { ...noFacts, os: 'another' } }, true],
  ['the address', { address: '192.0.2.9' }, true],
  ['the name', { name: 'other' }, true],
  ['the key', { key: 'other' }, true],
  ['the join key', { join: { key: 'other' } }, true],
  ['the seal key', { join: { sealKey: 'a.b.c' } }, true],
  ['its labels', { terms: { labels: { a: 'b' } } }, true],
  ['the state', { state: 'frozen' }, true],
  ['the state, entered again', { since: '2026-01-02T00:00:00.000Z' }, true]
]

for (const [what, part, another] of changes) {
  t.test(`a change of ${what} shows ${another ? 'another revision' : 'the same revision'}`, async (t) => {
    t.equal(shownRevision(withShown(before, anEnrolment('a', before, part))), another ? 8 : 3)
    const older = { ...before, approval: {} }
    const after = withShown(older, anEnrolment('a', older, part))
    t.equal(shownRevision(after), another ? 8 : 7, 'of a document of before this was kept')
  })
}

t.test('the same seal key with a new signature is the same', async (t) => {
  const signed = { ...before, join: { ...before.join, sealKey: 'header.key.one' } }
  t.equal(shownRevision(withShown(signed, { ...signed, join: { ...signed.join, sealKey: 'header.key.two' } })), 3)
})
