import { type Facts, noFacts } from '@joinery/protocol'
import type { AttemptDocument, EnrolmentDocument } from '@joinery/server/store/store.ts'

/** What a test wants to be different in an enrolment. Facts and attempts may be parts, too. */
export type EnrolmentPart = Omit<Partial<EnrolmentDocument>, 'facts' | 'attempts'> & {
  facts?: Partial<Facts>
  attempts?: readonly Partial<AttemptDocument>[]
}

/** An enrolment as the store has it: of a worker that waits for its approval, if nothing else is said. */
export const anEnrolment = (id: string, { facts, attempts = [], ...more }: EnrolmentPart = {}): EnrolmentDocument => ({
  id,
  revision: 0,
  state: 'pending',
  since: '2026-01-01T00:00:00.000Z',
  created: '2026-01-01T00:00:00.000Z',
  code: 'code',
  key: `key of ${id}`,
  name: `name-of-${id}`,
  role: 'worker',
  address: '192.0.2.1',
  facts: { ...noFacts, ...facts },
  preflight: [],
  conflicts: [],
  lastAttempt: 0,
  attempts: attempts.map((attempt, index) => ({ ...anOpenAttempt(index + 1), ...attempt })),
  ...more
})

/** An attempt by a bootstrap token: it is open, and ends after ten minutes. */
export const anAttempt = (tokenId: string, more: Partial<AttemptDocument> = {}): AttemptDocument => ({
  ...anOpenAttempt(1),
  tokenId,
  ...more
})

/** The same without a credential. */
const anOpenAttempt = (number: number): AttemptDocument => ({
  number,
  claimed: '2026-01-01T00:00:00.000Z',
  deadline: '2026-01-01T00:10:00.000Z',
  refusedCsrs: []
})
