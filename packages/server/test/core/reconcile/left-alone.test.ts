import { aCsr } from '@joinery/testing/documents/csr'
import t from 'tap'
import { type Judged, LeftAlone } from '../../../src/core/reconcile/left-alone.ts'

const csr = aCsr('csr-1', { uid: 'a' })
const judged: Judged = { revision: 1, node: 'stamp', csrs: [csr] }

t.test('an enrolment that was judged by the same facts is left alone, until it is out of sight', async (t) => {
  const leftAlone = new LeftAlone()
  t.notOk(leftAlone.has('e', judged))
  leftAlone.note('e', judged)
  t.ok(leftAlone.has('e', structuredClone(judged)))
  t.notOk(leftAlone.has('f', judged), 'another one')
  leftAlone.keep([{ id: 'e' }])
  t.ok(leftAlone.has('e', judged))
  leftAlone.keep([{ id: 'f' }])
  t.notOk(leftAlone.has('e', judged))
})

const changes: Record<string, Judged> = {
  'the enrolment changed': { ...judged, revision: 2 },
  'its Node changed': { ...judged, node: 'other' },
  'its Node is gone': { ...judged, node: undefined },
  'a request came': { ...judged, csrs: [csr, { ...csr, uid: 'b' }] },
  'a request is gone': { ...judged, csrs: [] },
  'a request was approved': { ...judged, csrs: [{ ...csr, approved: true }] },
  'a request was denied': { ...judged, csrs: [{ ...csr, denied: true }] },
  'a certificate was issued': { ...judged, csrs: [{ ...csr, certificate: '' }] }
}
for (const [what, changed] of Object.entries(changes)) {
  t.test(`an enrolment is judged again if ${what}`, async (t) => {
    const leftAlone = new LeftAlone()
    leftAlone.note('e', judged)
    t.notOk(leftAlone.has('e', changed))
  })
}
