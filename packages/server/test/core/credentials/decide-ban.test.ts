import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { bannedFor, banReason, roomReason } from '../../../src/core/credentials/ban-reason.ts'
import { bannedOne, isLifted } from '../../../src/core/credentials/decide-ban.ts'
import type { AttemptDocument } from '../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'

const attempt: AttemptDocument = {
  number: 1,
  claimed: '2026-01-01T00:00:00Z',
  deadline: '2026-01-01T00:10:00Z',
  refusedCsrs: []
}
const issued = [{ ...attempt, issued: { serial: '1', since: '2026-01-01T00:00:00Z' } }]
const one = (id: string, more: EnrolmentPart) =>
  anEnrolment(id, { name: 'worker-1', join: { attempts: [attempt] } }, more)

const banned: [what: string, named: EnrolmentDocument[], id: string | undefined][] = [
  ['no enrolment', [], undefined],
  ['an enrolment that was rejected with a token', [one('a', { state: 'rejected' })], undefined],
  [
    'an enrolment that was rejected with a certificate',
    [one('a', { state: 'rejected', join: { attempts: issued } })],
    'a'
  ],
  ['an enrolment that expired with a certificate', [one('a', { state: 'expired', join: { attempts: issued } })], 'a'],
  ['an enrolment that was removed', [one('a', { state: 'removed' })], 'a'],
  ['an enrolment that never claimed', [one('a', { state: 'removed', join: { attempts: [] } })], undefined],
  ['an enrolment that joins', [one('a', { state: 'joining', join: { attempts: issued } })], undefined],
  [
    'an enrolment that joined, and must not be trusted',
    [one('a', { state: 'joined', certificates: { untrusted: 'why' } })],
    'a'
  ],
  [
    'a removed enrolment and an approved one',
    [one('a', { state: 'removed' }), one('b', { state: 'approved' })],
    undefined
  ],
  ['a removed enrolment and a pending one', [one('a', { state: 'removed' }), one('b', { state: 'pending' })], 'a'],
  ['two removed enrolments', [one('a', { state: 'removed' }), one('b', { state: 'removed' })], 'b'],
  ['a removed enrolment that was banned', [one('a', { state: 'removed', certificates: { nameBanned: true } })], 'a']
]
for (const [what, named, id] of banned) {
  t.test(`the ban is for ${id ?? 'nobody'} if the name has ${what}`, async (t) => t.equal(bannedOne(named)?.id, id))
}

const own = banReason('b', 'its join failed')
const former = banReason('a', 'it is rejected')
const over = one('a', { state: 'rejected' })
const lifted: [what: string, reason: string, named: EnrolmentDocument[], lifted: boolean][] = [
  ['a former one is over, and another one joins', former, [over, one('b', { state: 'joining' })], true],
  ['a former one is over, and another one has joined', former, [over, one('b', { state: 'joined' })], true],
  ['a former one is over, and another one is ready', former, [over, one('b', { state: 'ready' })], true],
  ['the store does not know the one that was banned', former, [one('b', { state: 'ready' })], false],
  [
    'the store does not know the one that was banned, and another one joins',
    former,
    [one('b', { state: 'joining' })],
    false
  ],
  ['the ban made room for one that the store does not know', roomReason('c'), [one('b', { state: 'ready' })], false],
  ['another one is only approved', former, [over, one('b', { state: 'approved' })], false],
  ['another one failed', former, [over, one('b', { state: 'failed' })], false],
  ['nobody has the name', former, [over, one('b', { state: 'pending' })], false],
  ['an attempt of its own failed, and the next one is open', own, [one('b', { state: 'joining' })], true],
  ['its own Node had to go', own, [one('b', { state: 'joined' })], false],
  [
    'the enrolment joins, and must not be trusted',
    former,
    [over, one('b', { state: 'joining', certificates: { untrusted: 'why' } })],
    false
  ],
  ['the ban made room for one that has joined', roomReason('b'), [one('b', { state: 'joined' })], true],
  ['somebody wrote the ban by hand', 'a rogue', [one('b', { state: 'joining' })], false]
]
for (const [what, reason, named, is] of lifted) {
  t.test(`a ban is ${is ? '' : 'not '}lifted if ${what}`, async (t) => t.equal(isLifted(reason, named), is))
}

t.test('a reason says for which enrolment it is, also the reason of an earlier server', async (t) => {
  const banned = { enrolment: '0b1c-2d', room: false }
  t.same(bannedFor(banReason('0b1c-2d', 'Node worker-1 appeared: alas')), banned)
  t.same(bannedFor('enrolment 0b1c-2d is removed'), banned)
  t.same(bannedFor(roomReason('0b1c-2d')), { ...banned, room: true })
  for (const others of ['', 'by hand', 'enrolment', 'enrolments are over', 'see enrolment a: b']) {
    t.equal(bannedFor(others), undefined, others)
  }
})
