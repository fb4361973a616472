import t from 'tap'
import type { Csr } from '../../src/cluster/cluster.ts'
import { awaitIssued, pauses } from '../../src/credentials/await-issued.ts'

/** A cluster that answers one after the other, the last one for ever. */
const answering = (...answers: (Partial<Csr> | undefined)[]) => {
  const slept: number[] = []
  let looks = 0
  return {
    slept,
    wait: () =>
      awaitIssued(
        'joinery-e1-1',
        { ownCsr: async () => answers[Math.min(looks++, answers.length - 1)] as Csr | undefined },
        async (pause) => slept.push(pause)
      )
  }
}

t.test('the certificate is given as soon as it is there', async (t) => {
  t.equal(await answering({ certificate: 'pem' }).wait(), 'pem')
  const { wait, slept } = answering({}, {}, { certificate: 'pem' })
  t.equal(await wait(), 'pem')
  t.same(slept, [25, 50])
})

t.test('a signer that issues none is waited for ten seconds, and the reason may be an external CA', async (t) => {
  const { wait, slept } = answering({})
  await t.rejects(wait(), { code: 'certificate-not-issued', message: /external CA/, text: { remedy: /joinery-e1-1/ } })
  t.same(slept, pauses)
  t.ok(pauses.reduce((sum, pause) => sum + pause) < 10_100)
})

t.test('a CSR that goes meanwhile was of an attempt that is over', async (t) => {
  await t.rejects(answering({}, undefined).wait(), { code: 'illegal-event' })
})
