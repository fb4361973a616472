import { conflictRemedy, type DecideQuery, holdsName, next, type State } from '@joinery/protocol'
import { type DecisionSpec, type DecisionStatus, DecisionSpec as Schema } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { Value } from 'typebox/value'
import type { OperatorClient, SeenEnrolmentDetail } from '../operator-client.ts'
import { waitUntil } from '../terminal/wait-until.ts'
import { type DecideParts, decide, tryToDecide } from './decide.ts'
import { findEnrolment, readEnrolment } from './enrolments.ts'
import { listObjects } from './list-objects.ts'
import { DecisionObject } from './objects.ts'
import { problemAnswer } from './problem-answer.ts'

/** Milliseconds in which a view follows a Decision. The server writes each view at most once a second. */
const viewFollows = 10_000

type Verbs = Pick<OperatorClient, 'cover' | 'show' | 'approve' | 'reject' | 'release' | 'retry' | 'remove'>

/**
 * The verbs of an operator, each as one Decision. A Decision covers the last look that `show` gave of the enrolment: its role, key
 * and revision. A verb for an enrolment that was not shown is refused.
 */
export const verbs = (parts: DecideParts): Verbs => {
  const { api, err } = parts
  const shown = new Map<string, SeenEnrolmentDetail>()

  const decideAs = async (
    id: string,
    more: Pick<DecisionSpec, 'verdict'> & Partial<DecisionSpec>,
    query: DecideQuery = {}
  ) => {
    const look = shown.get(id)
    if (look === undefined)
      throw problemAnswer('not-found', { detail: `the enrolment ${id} was not shown`, remedy: 'joinery list' })
    const { role, key, revision } = look
    const spec = { enrolment: id, role, key, revision, ...more }
    // the API server says the same, in the words of its schema
    if (!Value.Check(Schema, { ...spec, by: 'x' })) {
      throw problemAnswer('invalid-request', {
        detail: 'it does not fit the form of a Decision',
        remedy: 'look for control characters in the reason'
      })
    }
    if (query.dryRun === undefined) return settled(look, spec.revision, await decide(parts, spec))
    const state = stateAfter(look, spec.verdict)
    await tryToDecide(parts, spec)
    return { ...look, state }
  }

  /** The enrolment once its view shows what the Decision did. */
  const settled = async (look: SeenEnrolmentDetail, revision: number, { state }: DecisionStatus) => {
    const follows = async () => {
      const seen = await readEnrolment(api, look.id).catch(() => undefined)
      const isNew = state === undefined || seen?.state === state || (seen !== undefined && seen.revision > revision)
      return isNew ? seen : undefined
    }
    const seen = await waitUntil(follows, viewFollows, parts)
    if (seen !== undefined) return seen
    err('The view of the enrolment does not show it yet.\n')
    return { ...look, ...given({ state }) }
  }

  return {
    show: async (reference) => {
      const found = await findEnrolment(api, reference, err)
      const look = {
        ...found,
        ...given({ approved: holdsName(found) ? await approvalOf(parts, found.id) : undefined })
      }
      shown.set(look.id, look)
      return look
    },
    cover: (look) => void shown.set(look.id, look),
    approve: async (id, { revision, key, replace }, query) => {
      const look = shown.get(id)
      // the same approval again changes nothing
      const { approved } = look ?? {}
      if (look !== undefined && approved?.revision === revision && approved.key === key && look.revision !== revision)
        return look
      const node = replace?.uid
      return decideAs(
        id,
        { verdict: node === undefined ? 'approve' : 'replace', revision, key, ...given({ node }) },
        query
      )
    },
    // a look that the query names is the one that was shown: the Decision covers that one anyway
    retry: (id, { revision, key }, query) => decideAs(id, { verdict: 'retry', revision, key }, query),
    release: (id, { key }, query) => decideAs(id, { verdict: 'release', key }, query),
    reject: (id, { reason }, query) => decideAs(id, { verdict: 'reject', reason }, query),
    remove: (id, query) => decideAs(id, { verdict: 'remove' }, query)
  }
}

/** The state that the verdict leads to, as far as a view tells. Throws `illegal-event` as the server does. */
const stateAfter = ({ id, state, name }: SeenEnrolmentDetail, verdict: DecisionSpec['verdict']): State => {
  const after = verdict === 'replace' ? undefined : next(state, verdict)
  if (after !== undefined) return after
  throw problemAnswer('illegal-event', {
    detail: `${verdict} is not possible: the enrolment of ${name} is ${state}`,
    ...given({ remedy: verdict === 'replace' ? undefined : conflictRemedy(verdict, { id, name, state }) })
  })
}

/**
 * The newest Decision that let the machine in, as far as the operator may read Decisions and they are kept. The pairing server
 * alone writes their results.
 */
const approvalOf = async ({ api }: DecideParts, id: string): Promise<SeenEnrolmentDetail['approved']> => {
  const asked = { limit: '100', fieldSelector: `spec.enrolment=${id},status.result=applied` }
  const list = await listObjects(api, 'decisions', asked, {
    schema: DecisionObject,
    show: ({ metadata, spec, status }) => {
      const letsIn = spec.enrolment === id && lettingIn.includes(spec.verdict) && status?.result === 'applied'
      return letsIn ? { created: status.at, id: metadata.name, spec } : undefined
    },
    err: () => {}
  }).catch(() => undefined)
  const { created: at, spec } = list?.items.at(-1) ?? {}
  return at === undefined || spec === undefined ? undefined : { at, revision: spec.revision, key: spec.key }
}

const lettingIn: readonly DecisionSpec['verdict'][] = ['approve', 'replace', 'retry']
