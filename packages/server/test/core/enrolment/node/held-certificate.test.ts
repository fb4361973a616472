import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { judgeHeld } from '../../../../src/core/enrolment/node/held-certificate.ts'
import type { AttemptDocument, KubeletCsr } from '../../../../src/core/ports/store/documents/attempt-document.ts'

const [key, other] = ['sha256:a', 'sha256:b']
const reported = { fingerprint: key, serial: '0A' }
const held = (kubeletCsrs: KubeletCsr[] | undefined, before: Partial<AttemptDocument>[] = []) =>
  judgeHeld(
    anEnrolment('e1', {
      join: {
        agentReady: { at: '', certificate: reported },
        attempts: [...before, { credentialCsr: 'c', ...(kubeletCsrs && { kubeletCsrs }) }]
      }
    })
  )
const csr = (part: Partial<KubeletCsr> = {}): KubeletCsr => ({ name: 'csr-1', uid: 'u1', key, serial: '0A', ...part })
const { serial: _, ...unissued } = csr()

t.test('a certificate for the key of the kubelet is as issued', async (t) => {
  t.equal(held([csr()]), 'as-issued')
  t.equal(held([csr({ serial: '09' }), csr()]), 'as-issued', 'the same key asked twice')
})

t.test('a certificate that is not known yet is unknown', async (t) => {
  t.equal(held(undefined), 'unknown')
  t.equal(held([]), 'unknown')
  t.equal(held([unissued]), 'unknown')
  t.equal(held([csr({ serial: '09' }), unissued]), 'unknown')
  t.equal(held(undefined, [{ kubeletCsrs: [csr({ key: other })] }]), 'unknown', 'of an attempt before nothing counts')
  t.equal(judgeHeld(anEnrolment('e1', { join: { attempts: [{ kubeletCsrs: [csr()] }] } })), 'unknown')
})

t.test('another key that asked for one, or another serial, is a mismatch', async (t) => {
  const { serial: _, ...foreign } = csr({ name: 'csr-2', key: other })
  for (const csrs of [[csr(), csr({ name: 'csr-2', key: other, serial: '0B' })], [csr(), foreign], [foreign]]) {
    t.same(
      held(csrs),
      { mismatch: 'the agent holds certificate 0A, and another key asked for a certificate too: csr-2' },
      JSON.stringify(csrs)
    )
  }
  t.same(held([csr({ serial: '09' })]), { mismatch: 'the agent holds certificate 0A, but 09 was issued' })
})
