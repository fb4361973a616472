import { isRecovering, next, statesThat } from '@joinery/protocol'
import { type Clock, clocksDiffer } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Commits } from '../commit/commits.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { type Decision, entry, moved } from '../enrolment/decision/decision.ts'
import { openAttempt, withAttempt } from '../enrolment/facts/attempts.ts'
import { withShown } from '../enrolment/facts/shown.ts'
import { endRecovery } from '../enrolment/recovery/end-recovery.ts'
import { codeView } from '../enrolment/views.ts'
import type { Change } from '../ports/store/change.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'
import type { Restored } from '../ports/store/store-age.ts'
import { approvalIn } from './decide-again.ts'

interface Parts {
  store: Store
  enrolments: Pick<Enrolments, 'commitTogether'>
  clock: Clock
}

/** Everything that a settling of an older store needs, whatever showed that it is older. */
export interface SettlingParts extends Parts {
  commits: Pick<Commits, 'append'>
  credentials: Pick<Credentials, 'settle'>
  log: Logger
}

/** States in which an approval stands that no Node has come of. */
const takenBackFrom = statesThat(({ state }) => next(state, 'restore') !== undefined)

/** Most tries: another writer at work meanwhile may be faster. */
const tries = 10

/**
 * Takes back what an older store says: it does not know what was rejected, removed, revoked or used since. In one commit every
 * open code is revoked, and every machine that was approved and has no Node yet waits for an operator again. With `before`, only what
 * was given before that time. `also`: what else that commit does, given in words what was taken back.
 */
export const takeBack = async (
  { store, enrolments, clock }: Parts,
  { why, before: fork }: Restored,
  also: (done: string, now: Date) => Change
): Promise<{ before: EnrolmentDocument[]; done: string }> => {
  for (let left = tries; left > 0; left -= 1) {
    const now = clock.now()
    const end = fork === undefined ? Number.POSITIVE_INFINITY : Date.parse(fork) + clocksDiffer
    const open = (await store.codes()).filter(
      (code) => codeView(code, now).status === 'open' && Date.parse(code.created) < end
    )
    const given = await givenBefore(store, end)
    const done = `${open.length} open codes were revoked, and ${given.length} enrolments that were approved wait for an approval again`
    const more = also(done, now)
    const committed = await enrolments.commitTogether(
      given.map(({ enrolment, by }) => takenBack(enrolment, { why, by }, now)),
      {
        ...more,
        codes: open.map((code) => ({ ...code, revoked: now.toISOString() })),
        entries: [
          ...(more.entries ?? []),
          ...open.map(({ id }) => ({ subject: id, entry: entry(now, 'server', 'revoke', why) }))
        ]
      }
    )
    if (committed) return { before: given.map(({ enrolment }) => enrolment), done }
  }
  throw new Error('the codes and approvals of an older store could not be taken back: other writers are faster')
}

/** An enrolment with its approval that stands. `by`: who gave it, as far as the timeline says that. */
interface Given {
  enrolment: EnrolmentDocument
  by: string | undefined
}

/** Enrolments with an approval of before that time. One of which nobody knows when it was approved counts as such. */
const givenBefore = async (store: Store, end: number): Promise<Given[]> => {
  const given: Given[] = []
  for (const enrolment of await store.enrolments(takenBackFrom)) {
    const approval = isRecovering(enrolment) ? undefined : approvalIn(await store.timeline(enrolment.id))
    if ((approval?.at ?? Date.parse(enrolment.since)) < end) given.push({ enrolment, by: approval?.by })
  }
  return given
}

/** The reason for which an approval is taken back, and the name of who had given it, if that is known. */
interface Taking {
  why: string
  by?: string | undefined
}

const takenBack = (before: EnrolmentDocument, taking: Taking, now: Date): Decision => {
  const decision = decideTakenBack(before, taking, now)
  return { ...decision, enrolment: withShown(before, decision.enrolment) }
}

/**
 * Takes back an enrolment that is approved and has no Node yet. A join command is good once, so its enrolment fails: nobody
 * could approve it again.
 */
export const decideTakenBack = (enrolment: EnrolmentDocument, { why, by = 'unknown' }: Taking, now: Date): Decision => {
  if (isRecovering(enrolment)) {
    const ended = endRecovery(enrolment, { event: 'restore', why, failedBy: 'server' }, now)
    return { enrolment: ended, entries: [entry(now, 'server', 'restore', `${why}: the machine may ask again`)] }
  }
  const open = openAttempt(enrolment)
  const ended =
    open === undefined ? enrolment : withAttempt(enrolment, open.number, { failure: why, failedBy: 'server' })
  const event = enrolment.withoutAgent ? 'give-up' : 'restore'
  const after = moved(ended, event, now)
  return {
    enrolment: {
      ...after,
      ...(event === 'give-up' ? { reason: why } : { approval: { ...after.approval, takenBack: { by } } })
    },
    entries: [entry(now, 'server', event, `${why}: nobody knows whether its approval still stands`)]
  }
}

/**
 * Settles the credentials of enrolments that were taken back. Nobody waits for that: a token that is still there after all ends
 * by itself, within minutes.
 */
export const endCredentials = async (
  before: readonly EnrolmentDocument[],
  store: Pick<Store, 'enrolment'>,
  credentials: Pick<Credentials, 'settle'>
): Promise<void> => {
  for (const { id } of before) {
    const after = await store.enrolment(id)
    if (after !== undefined) await credentials.settle(after)
  }
}
