import { bentRequests } from '@joinery/testing/requests/bent-requests'
import { isGranted } from '@joinery/testing/requests/judged'
import t from 'tap'
import { isCanonicalDer } from '../../../../src/core/enrolment/csr/canonical-der.ts'
import { parseCsrRequest } from '../../../../src/core/enrolment/csr/csr-request.ts'

const corpus = bentRequests('worker-1', 'cp-1')

t.test('the corpus is always the same, and has at least two hundred different requests', async (t) => {
  const again = bentRequests('worker-1', 'cp-1')
  t.same(
    again.map(({ what, serving, granted }) => ({ what, serving, granted })),
    corpus.map(({ what, serving, granted }) => ({ what, serving, granted }))
  )
  t.equal(new Set(corpus.map(({ what }) => what)).size, corpus.length)
  t.ok(corpus.length >= 200, `${corpus.length} requests`)
})

t.test('the guards grant only what a kubelet of the name asks for, in a form with one meaning', async (t) => {
  for (const bent of corpus) t.equal(isGranted(bent, 'worker-1'), bent.granted === true, bent.what)
  const hostile = corpus.filter(({ pem }) => parseCsrRequest(pem) === undefined)
  t.comment(
    `${hostile.length} of ${corpus.length} are hostile, ${corpus.filter(({ granted }) => granted).length} granted`
  )
})

t.test('the guards grant nothing of the corpus to another machine', async (t) => {
  for (const bent of corpus) t.equal(isGranted(bent, 'worker-2') || isGranted(bent, 'cp-1'), false, bent.what)
})

t.test('the beginning of a value is not the value', async (t) => {
  const [{ pem = '' } = {}] = corpus
  const der = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
  t.ok(isCanonicalDer(der))
  for (let length = 0; length < der.length; length += 1) t.notOk(isCanonicalDer(der.subarray(0, length)), `${length}`)
})
