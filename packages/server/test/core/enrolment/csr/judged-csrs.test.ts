import { aCsr } from '@joinery/testing/documents/csr'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { JudgedCsrs } from '../../../../src/core/enrolment/csr/judged-csrs.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const enrolment = (revision: number, id = 'e1') => anEnrolment(id, { revision })
const csr = (uid: string, part: Partial<Csr> = {}) => aCsr('csr-1', { uid, ...part })

t.test('a request that was judged is judged again if something changed', async (t) => {
  const judged = new JudgedCsrs()
  judged.note(enrolment(3), [csr('a')])
  const rows: [what: string, EnrolmentDocument, Csr, again: boolean][] = [
    ['the same', enrolment(3), csr('a'), false],
    ['another revision', enrolment(4), csr('a'), true],
    ['another enrolment', enrolment(3, 'e2'), csr('a'), true],
    ['another request', enrolment(3), csr('b'), true],
    ['approved since', enrolment(3), csr('a', { approved: true }), true],
    ['denied since', enrolment(3), csr('a', { denied: true }), true],
    ['issued since', enrolment(3), csr('a', { certificate: 'x' }), true]
  ]
  for (const [what, of, one, again] of rows) t.equal(judged.unjudged(of, [one]).length, again ? 1 : 0, what)
})

t.test('a request that the cluster no longer lists is forgotten', async (t) => {
  const judged = new JudgedCsrs()
  judged.note(enrolment(1), [csr('a'), csr('b')])
  judged.keep([csr('b')])
  t.same(
    judged.unjudged(enrolment(1), [csr('a'), csr('b')]).map(({ uid }) => uid),
    ['a']
  )
})

t.test('a request is unseen until it was judged for any document', async (t) => {
  const judged = new JudgedCsrs()
  judged.note(enrolment(1), [csr('a')])
  t.match(judged.turn([csr('a'), csr('b')]), {
    csrs: [{ uid: 'a' }, { uid: 'b' }],
    unseen: [{ uid: 'b' }],
    isWhole: true
  })
})

t.test('a loop of requests takes several passes, in the order of the list', async (t) => {
  const judged = new JudgedCsrs()
  const loop = Array.from({ length: 70 }, (_, index) => csr(`${index}`))
  const passes: number[] = []
  let isWhole = false
  while (!isWhole) {
    const turn = judged.turn(loop)
    passes.push(turn.unseen.length)
    t.equal(
      turn.csrs.length,
      passes.reduce((sum, count) => sum + count, 0),
      `pass ${passes.length} has what was judged, too`
    )
    judged.note(enrolment(1), turn.csrs)
    isWhole = turn.isWhole
  }
  t.same(passes, [32, 32, 6])
})
