import type { Clock } from '../clock.ts'
import type { Credentials } from '../credentials/credentials.ts'
import type { Logger } from '../log.ts'
import { type EnrolmentDocument, type Store, storeSubject } from '../store/store.ts'
import { openAttempt, withAttempt } from './attempts.ts'
import { type Decision, entry, moved } from './decision.ts'
import { withShown } from './shown-revision.ts'
import { codeView } from './views.ts'

interface Parts {
  store: Store
  credentials: Pick<Credentials, 'settle'>
  clock: Clock
  log: Logger
}

/**
 * A store that came out of a backup does not know what was rejected, removed, revoked or used since: by it nothing is given. In
 * one commit, before the server listens, every open code is revoked, and whoever was approved and has no Node yet waits for an
 * operator again. It is done once, as that commit takes the mark of the restore away.
 */
export const settleRestored = async ({ store, credentials, clock, log }: Parts): Promise<void> => {
  const restored = await store.restored()
  if (restored === undefined) return
  const now = clock.now()
  const open = (await store.codes()).filter((code) => codeView(code, now).status === 'open')
  const before = await store.enrolments(['approved', 'joining'])
  const decisions = before.map((enrolment) => decideRestored(enrolment, now))
  const done = `a backup was restored at ${restored}: ${open.length} open codes were revoked, and ${before.length} enrolments that were approved wait for an approval again`
  const result = await store.commit({
    codes: open.map((code) => ({ ...code, revoked: now.toISOString() })),
    enrolments: decisions.map(({ enrolment }, index) => withShown(before[index] as EnrolmentDocument, enrolment)),
    entries: [
      { subject: storeSubject, entry: entry(now, 'server', 'restore', done, true) },
      ...open.map(({ id }) => ({ subject: id, entry: entry(now, 'server', 'revoke', 'a backup was restored') })),
      ...decisions.flatMap(({ enrolment: { id }, entries }) => entries.map((one) => ({ subject: id, entry: one })))
    ],
    settlesRestore: true
  })
  // nobody else has the store, and nobody was let in yet
  if (result !== 'committed') throw new Error(`what was restored could not be settled: ${result}`)
  log.warn(done)
  void endCredentials(before, store, credentials).catch(() => undefined)
}

/** Nobody waits for it: a token that is still there after all ends by itself, within minutes. */
const endCredentials = async (
  before: readonly EnrolmentDocument[],
  store: Store,
  credentials: Pick<Credentials, 'settle'>
): Promise<void> => {
  for (const { id } of before) {
    const after = await store.enrolment(id)
    if (after !== undefined) await credentials.settle(after)
  }
}

/** Of an enrolment in `approved` or `joining`. A join command is good once: nobody could approve it again. */
export const decideRestored = (enrolment: EnrolmentDocument, now: Date): Decision => {
  const why = 'the store was restored from a backup'
  const open = openAttempt(enrolment)
  const ended =
    open === undefined ? enrolment : withAttempt(enrolment, open.number, { failure: why, failedBy: 'server' })
  const event = enrolment.withoutAgent ? 'give-up' : 'restore'
  return {
    enrolment: { ...moved(ended, event, now), ...(event === 'give-up' && { reason: why }) },
    entries: [entry(now, 'server', event, `${why}: whether its approval still stands is not known`)]
  }
}
