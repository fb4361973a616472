import type { OutcomeRequest, SeenEnrolment } from '@joinery/protocol'
import t from 'tap'
import type { Failure } from '../../src/journal/journal.ts'
import { Refused } from '../../src/pairing/pairing-server.ts'
import type { Context } from '../../src/steps/context.ts'
import { recover } from '../../src/steps/recover.ts'

const failure: Failure = { class: 'machine', stage: '', output: [] }
const lines = [{ ago: 3, line: 'claiming the credential' }]

/** Reports a failure to a server that answers as `outcome` does. Gives what it was sent. */
const report = async (outcome: (request: OutcomeRequest) => void) => {
  const sent: OutcomeRequest[] = []
  const written: unknown[] = []
  const journal = { attempt: { number: 1, nodeName: 'n', bootId: 'b' } }
  const parts = {
    said: { last: () => lines },
    say: () => {},
    memory: { stagesReported: 0 },
    situation: { journal },
    journal: { read: async () => journal, write: async (one: unknown) => void written.push(one) },
    server: {
      outcome: async (request: OutcomeRequest) => {
        sent.push(request)
        outcome(request)
        return {} as SeenEnrolment
      }
    }
  } as unknown as Context
  await recover['report-failed']({ do: 'report-failed', attempt: 1, failure }, parts)
  return { sent, written }
}

t.test('a failure is reported with the last lines of the agent', async (t) => {
  const { sent, written } = await report(() => {})
  t.same(sent, [{ outcome: 'failed', attempt: 1, ...failure, said: lines }])
  t.match(written, [{ attempt: { reported: true } }])
})

t.test('another refusal is not sent again', async (t) => {
  const sent: OutcomeRequest[] = []
  await t.rejects(
    report((request) => {
      sent.push(request)
      throw new Refused('store-unavailable', 'the disk is full')
    }),
    { code: 'store-unavailable' }
  )
  t.equal(sent.length, 1)
})
