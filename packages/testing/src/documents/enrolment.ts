import { type Conflict, type Facts, type NodeStatus, noFacts } from '@joinery/protocol'
import {
  type AttemptDocument,
  type ConflictDocument,
  type EnrolmentDocument,
  emptyParts,
  type JoinDocument
} from '@joinery/server/testing/store'

type Group = keyof typeof emptyParts
const groups = Object.keys(emptyParts) as Group[]

/** The fields of an enrolment that a test names. Parts of it, facts, Node, conflicts and attempts may be partial, too. */
export type EnrolmentPart = Omit<Partial<EnrolmentDocument>, Group | 'facts' | 'node'> &
  Partial<Pick<EnrolmentDocument, 'terms' | 'approval' | 'diagnosis' | 'certificates'>> & {
    facts?: Partial<Facts>
    node?: Partial<NodeStatus>
    join?: Omit<Partial<JoinDocument>, 'attempts'> & { attempts?: readonly Partial<AttemptDocument>[] }
    conflict?: Omit<Partial<ConflictDocument>, 'seen'> & { seen?: readonly ConflictPart[] }
  }

export type ConflictPart = Omit<Partial<Conflict>, 'facts'> & { facts?: Partial<Facts> }

/** An enrolment as the store has it. By default it is a worker's that waits for its approval. A later part wins over those before it. */
export const anEnrolment = (id: string, ...parts: readonly EnrolmentPart[]): EnrolmentDocument => {
  const part = parts.reduce(merged, {})
  const {
    facts,
    node,
    join: { attempts = [], ...join } = {},
    conflict: { seen = [], ...conflict } = {},
    ...more
  } = part
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
    ...emptyParts,
    join: {
      ...emptyParts.join,
      attempts: attempts.map((attempt, index) =>
        isWhole(attempt) ? attempt : { ...anOpenAttempt(index + 1), ...attempt }
      ),
      ...join
    },
    conflict: { seen: seen.map(aConflict), ...conflict },
    ...(node && { node: { ...registered, ...node } }),
    ...more
  }
}

/** The part with another over it: what a test says of a join or of its terms leaves the rest of them. */
const merged = (one: EnrolmentPart, other: EnrolmentPart): EnrolmentPart => {
  const both = groups.filter((group) => one[group] !== undefined && other[group] !== undefined)
  return { ...one, ...other, ...Object.fromEntries(both.map((group) => [group, { ...one[group], ...other[group] }])) }
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
