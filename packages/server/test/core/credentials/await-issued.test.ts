import t from 'tap'
import { awaitIssued, pauses } from '../../../src/core/credentials/await-issued.ts'
import type { Csr } from '../../../src/core/ports/cluster/csrs.ts'

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

t.test('the certificate is given as soon as it is issued', async (t) => {
  t.equal(await answering({ certificate: 'pem' }).wait(), 'pem')
  const { wait, slept } = answering({}, {}, { certificate: 'pem' })
  t.equal(await wait(), 'pem')
  t.same(slept, [25, 50])
})

t.test('the server waits ten seconds for a signer, and then names an external CA as a reason', async (t) => {
  const { wait, slept } = answering({})
  await t.rejects(wait(), { code: 'certificate-not-issued', message: /external CA/, text: { remedy: /joinery-e1-1/ } })
  t.same(slept, pauses)
  t.ok(pauses.reduce((sum, pause) => sum + pause) < 10_100)
})

t.test('a CSR that goes meanwhile belonged to an attempt that is over', async (t) => {
  await t.rejects(answering({}, undefined).wait(), { code: 'illegal-event' })
})
