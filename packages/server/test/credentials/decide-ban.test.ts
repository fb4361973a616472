import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { bannedFor, banReason, roomReason } from '../../src/credentials/ban-reason.ts'
import { bannedOne, isLifted } from '../../src/credentials/decide-ban.ts'
import type { AttemptDocument, EnrolmentDocument } from '../../src/store/store.ts'

const attempt: AttemptDocument = {
  number: 1,
  claimed: '2026-01-01T00:00:00Z',
  deadline: '2026-01-01T00:10:00Z',
  refusedCsrs: []
}
const issued = [{ ...attempt, issued: { serial: '1', since: '2026-01-01T00:00:00Z' } }]
const one = (id: string, more: Partial<EnrolmentDocument>) =>
  anEnrolment(id, { name: 'worker-1', attempts: [attempt], ...more })

const banned: [what: string, named: EnrolmentDocument[], id: string | undefined][] = [
  ['nobody', [], undefined],
  ['one that was rejected with a token', [one('a', { state: 'rejected' })], undefined],
  ['one that was rejected with a certificate', [one('a', { state: 'rejected', attempts: issued })], 'a'],
  ['one that expired with a certificate', [one('a', { state: 'expired', attempts: issued })], 'a'],
  ['one that was removed', [one('a', { state: 'removed' })], 'a'],
  ['one that never claimed', [one('a', { state: 'removed', attempts: [] })], undefined],
  ['one that joins', [one('a', { state: 'joining', attempts: issued })], undefined],
  ['one that joined, and is not to be trusted', [one('a', { state: 'joined', untrusted: 'why' })], 'a'],
  ['a name that another one has', [one('a', { state: 'removed' }), one('b', { state: 'approved' })], undefined],
  ['a name that another one wants', [one('a', { state: 'removed' }), one('b', { state: 'pending' })], 'a'],
  ['two that are over: the newer one', [one('a', { state: 'removed' }), one('b', { state: 'removed' })], 'b'],
  ['a note that it was banned changes nothing', [one('a', { state: 'removed', certificateBanned: true })], 'a']
]
for (const [what, named, id] of banned) {
  t.test(`banned is ${id ?? 'nobody'}: ${what}`, async (t) => t.equal(bannedOne(named)?.id, id))
}

const own = banReason('b', 'its join failed')
const former = banReason('a', 'it is rejected')
const over = one('a', { state: 'rejected' })
const lifted: [what: string, reason: string, named: EnrolmentDocument[], lifted: boolean][] = [
  ['a former one is over, and another one joins', former, [over, one('b', { state: 'joining' })], true],
  ['the same, joined', former, [over, one('b', { state: 'joined' })], true],
  ['the same, ready', former, [over, one('b', { state: 'ready' })], true],
  ['the store does not know the one that was banned', former, [one('b', { state: 'ready' })], false],
  ['the same, while another one joins', former, [one('b', { state: 'joining' })], false],
  ['it made room for one that the store does not know', roomReason('c'), [one('b', { state: 'ready' })], false],
  ['another one is only approved', former, [over, one('b', { state: 'approved' })], false],
  ['another one failed', former, [over, one('b', { state: 'failed' })], false],
  ['nobody has the name', former, [over, one('b', { state: 'pending' })], false],
  ['an attempt of its own failed, and the next one is open', own, [one('b', { state: 'joining' })], true],
  ['its own Node had to go', own, [one('b', { state: 'joined' })], false],
  ['it joins, and is not to be trusted', former, [over, one('b', { state: 'joining', untrusted: 'why' })], false],
  ['it made room, and who it was for has joined', roomReason('b'), [one('b', { state: 'joined' })], true],
  ['somebody wrote it by hand', 'a rogue', [one('b', { state: 'joining' })], false]
]
for (const [what, reason, named, is] of lifted) {
  t.test(`a ban is ${is ? '' : 'not '}lifted: ${what}`, async (t) => t.equal(isLifted(reason, named), is))
}

t.test('a reason says for which enrolment it is, also one of an earlier server', async (t) => {
  const banned = { enrolment: '0b1c-2d', room: false }
  t.same(bannedFor(banReason('0b1c-2d', 'Node worker-1 appeared: alas')), banned)
  t.same(bannedFor('enrolment 0b1c-2d is removed'), banned)
  t.same(bannedFor(roomReason('0b1c-2d')), { ...banned, room: true })
  for (const others of ['', 'by hand', 'enrolment', 'enrolments are over', 'see enrolment a: b']) {
    t.equal(bannedFor(others), undefined, others)
  }
})
