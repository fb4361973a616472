import { isRecovering, next, statesThat } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { type Decision, entry, moved } from '../enrolment/decision/decision.ts'
import { openAttempt, withAttempt } from '../enrolment/facts/attempts.ts'
import { withShown } from '../enrolment/facts/shown-revision.ts'
import { endRecovery } from '../enrolment/recovery/end-recovery.ts'
import { codeView } from '../enrolment/views.ts'
import type { Restored } from '../store/restored.ts'
import type { Change, EnrolmentDocument, Store } from '../store/store.ts'
import { approvedAt } from './decide-again.ts'

interface Parts {
  store: Store
  enrolments: Pick<Enrolments, 'commitTogether'>
  clock: Clock
}

/** States in which an approval stands that no Node has come of. */
const takenBackFrom = statesThat(({ state }) => next(state, 'restore') !== undefined)

/** Most tries: another writer at work meanwhile may be faster. */
const tries = 10

/** Milliseconds by which the clocks of two servers may differ: what was given so soon after a fork counts as given before. */
export const clocksDiffer = 60_000

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
    const before = await givenBefore(store, end)
    const done = `${open.length} open codes were revoked, and ${before.length} enrolments that were approved wait for an approval again`
    const more = also(done, now)
    const committed = await enrolments.commitTogether(
      before.map((enrolment) => takenBack(enrolment, why, now)),
      {
        ...more,
        codes: open.map((code) => ({ ...code, revoked: now.toISOString() })),
        entries: [
          ...(more.entries ?? []),
          ...open.map(({ id }) => ({ subject: id, entry: entry(now, 'server', 'revoke', why) }))
        ]
      }
    )
    if (committed) return { before, done }
  }
  throw new Error('the codes and approvals of an older store could not be taken back: other writers are faster')
}

/** Enrolments with an approval of before that time. One of which nobody knows when it was approved counts as such. */
const givenBefore = async (store: Store, end: number): Promise<EnrolmentDocument[]> => {
  const given: EnrolmentDocument[] = []
  for (const enrolment of await store.enrolments(takenBackFrom)) {
    const at = isRecovering(enrolment) ? undefined : approvedAt(await store.timeline(enrolment.id))
    if ((at ?? Date.parse(enrolment.since)) < end) given.push(enrolment)
  }
  return given
}

const takenBack = (before: EnrolmentDocument, why: string, now: Date): Decision => {
  const decision = decideTakenBack(before, why, now)
  return { ...decision, enrolment: withShown(before, decision.enrolment) }
}

/**
 * Takes back an enrolment that is approved and has no Node yet. A join command is good once, so its enrolment fails: nobody
 * could approve it again.
 */
export const decideTakenBack = (enrolment: EnrolmentDocument, why: string, now: Date): Decision => {
  if (isRecovering(enrolment)) {
    const ended = endRecovery(enrolment, { event: 'restore', why, failedBy: 'server' }, now)
    return { enrolment: ended, entries: [entry(now, 'server', 'restore', `${why}: the machine may ask again`)] }
  }
  const open = openAttempt(enrolment)
  const ended =
    open === undefined ? enrolment : withAttempt(enrolment, open.number, { failure: why, failedBy: 'server' })
  const event = enrolment.withoutAgent ? 'give-up' : 'restore'
  return {
    enrolment: { ...moved(ended, event, now), ...(event === 'give-up' && { reason: why }) },
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
