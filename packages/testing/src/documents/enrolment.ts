import { type Conflict, type Facts, type NodeStatus, noFacts } from '@joinery/protocol'
import type { AttemptDocument, EnrolmentDocument } from '@joinery/server/testing/store'

/** The fields of an enrolment that a test names. Facts, Node, conflicts and attempts may be partial, too. */
export type EnrolmentPart = Omit<Partial<EnrolmentDocument>, 'facts' | 'node' | 'conflicts' | 'attempts'> & {
  facts?: Partial<Facts>
  node?: Partial<NodeStatus>
  conflicts?: readonly ConflictPart[]
  attempts?: readonly Partial<AttemptDocument>[]
}

export type ConflictPart = Omit<Partial<Conflict>, 'facts'> & { facts?: Partial<Facts> }

/** An enrolment as the store has it. By default it is a worker's that waits for its approval. */
export const anEnrolment = (id: string, part: EnrolmentPart = {}): EnrolmentDocument => {
  const { facts, node, conflicts = [], attempts = [], ...more } = part
  return {
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
    conflicts: conflicts.map(aConflict),
    lastAttempt: 0,
    attempts: attempts.map((attempt, index) =>
      isWhole(attempt) ? attempt : { ...anOpenAttempt(index + 1), ...attempt }
    ),
    ...(node && { node: { ...registered, ...node } }),
    ...more
  }
}

/** Another machine that came with the same code. */
export const aConflict = ({ facts, ...more }: ConflictPart = {}): Conflict => ({
  key: 'another key',
  address: '192.0.2.2',
  at: '2026-01-01T00:00:00.000Z',
  facts: { ...noFacts, ...facts },
  ...more
})

const registered: NodeStatus = {
  uid: 'n1',
  registered: '2026-01-01T00:01:00.000Z',
  condition: 'NotReady',
  message: ''
}

/** An attempt by a bootstrap token: it is open, and ends after ten minutes. */
export const anAttempt = (tokenId: string, more: Partial<AttemptDocument> = {}): AttemptDocument => ({
  ...anOpenAttempt(1),
  tokenId,
  ...more
})

/** True if the attempt is whole. It then stays the very same object: guards compare attempts by identity. */
const isWhole = (attempt: Partial<AttemptDocument>): attempt is AttemptDocument =>
  Object.keys(anOpenAttempt(1)).every((field) => field in attempt)

/** An open attempt without a credential, which ends after ten minutes. */
const anOpenAttempt = (number: number): AttemptDocument => ({
  number,
  claimed: '2026-01-01T00:00:00.000Z',
  deadline: '2026-01-01T00:10:00.000Z',
  refusedCsrs: []
})
