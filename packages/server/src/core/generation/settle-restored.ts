import type { Logger } from '../base/log.ts'
import { entry } from '../enrolment/decision/decision.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import { compared, type LostFile, lostFiles } from '../ports/store/lost-files.ts'
import type { StoreAge } from '../ports/store/store-age.ts'
import { storeSubject } from '../ports/store/timeline.ts'
import { decideAgain } from './decide-again.ts'
import { settlingEntries } from './settling-entries.ts'
import { endCredentials, type SettlingParts, takeBack } from './take-back.ts'

interface Parts extends SettlingParts {
  age: Pick<StoreAge, 'restored'>
  /** State folder of this server. */
  state: string
  /** URL of this server. */
  server: string
  /** Reads the enrolments that a store which was put aside has as rejected or removed. Throws if it cannot be read. */
  lostDecisions: (path: string) => EnrolmentDocument[]
}

/**
 * Settles a store that is an older copy, or may be one, by which nothing may be given: see `takeBack`. What only a store that was put
 * aside knows is done again. Runs before the server listens, and once: its commit takes the mark away.
 */
export const settleRestored = async (parts: Parts): Promise<void> => {
  const { store, age, commits, credentials, log, state, server } = parts
  const restored = await age.restored()
  const files = await lostFiles(state)
  if (restored === undefined && files.length === 0) return
  const again: EnrolmentDocument[] = []
  for (const file of files) again.push(...(await doAgain(parts, file)))
  const names = inWords(again)
  if (restored === undefined) {
    if (again.length > 0) {
      const told = entry(parts.clock.now(), 'server', 'restore', `${server} had what the log forgot: ${names}`, true)
      await commits.append({ entries: [{ subject: storeSubject, entry: told }] })
    }
  } else {
    const what = `${restored.why} (${server})`
    const timeline = await store.timeline(storeSubject)
    const { before, done } = await takeBack(parts, restored, (taken, now) => ({
      entries: settlingEntries(timeline, 'restore', `${what}: ${taken}${names && `; ${names}`}`, now),
      settlesRestore: true
    }))
    log.warn(`${what}: ${done}`)
    again.push(...before)
  }
  for (const file of files) await compared(state, file)
  void endCredentials(again, store, credentials).catch(() => undefined)
}

/** Does again what only this file knows. Returns the enrolments that were changed by it, as they were in the file. */
const doAgain = async (
  { store, enrolments, clock, log, lostDecisions }: Parts,
  { path, at }: LostFile
): Promise<EnrolmentDocument[]> => {
  const done: EnrolmentDocument[] = []
  for (const lost of readable(path, log, lostDecisions)) {
    for (;;) {
      const [present, timeline] = [await store.enrolment(lost.id), await store.timeline(lost.id)]
      const decision = decideAgain({ lost, present, timeline, at }, clock.now())
      if (decision === undefined) break
      if (!(await enrolments.commitTogether([decision], {}))) continue
      done.push(lost)
      break
    }
  }
  return done
}

/** A file that cannot be read says nothing. It stays, and must not keep the server from its work. */
const readable = (path: string, log: Logger, lostDecisions: Parts['lostDecisions']): EnrolmentDocument[] => {
  try {
    return lostDecisions(path)
  } catch (err) {
    log.error({ err, path }, 'the store that was put aside cannot be compared')
    return []
  }
}

/** Names that an alert has, at most. */
const named = 10

const inWords = (again: readonly EnrolmentDocument[]): string => {
  if (again.length === 0) return ''
  const some = again.slice(0, named).map(({ name, state }) => `${name} (${state})`)
  const more = again.length > named ? `, and ${again.length - named} more` : ''
  return `done again: ${some.join(', ')}${more}`
}
