import { day, type TimelineEvent } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { entry } from '../enrolment/decision/decision.ts'
import { storeSubject } from '../ports/store/timeline.ts'
import type { Commits } from './commits.ts'

interface Parts {
  commits: Pick<Commits, 'append'>
  clock: Clock
  log: Pick<Logger, 'warn'>
}

/** Subjects that an alert names, at most. */
const named = 10

/** An alert of the store that is told once a day, with a count of its subjects: each of them counts once. */
export class DailyAlert {
  readonly #parts: Parts
  readonly #event: TimelineEvent
  readonly #sentence: (count: number, names: string) => string
  /** The alert of this day, and words for each subject. */
  #today: { at: Date; words: Map<string, string> } | undefined

  /** `sentence`: what the alert says of so many subjects with these names. */
  constructor(parts: Parts, event: TimelineEvent, sentence: (count: number, names: string) => string) {
    this.#parts = parts
    this.#event = event
    this.#sentence = sentence
  }

  /** True if the subject counts already today. */
  has(subject: string): boolean {
    return this.#day().words.has(subject)
  }

  /** Counts the subject. One whose alert could not be kept counts when it is told again. */
  async tell(subject: string, words: string): Promise<void> {
    const { commits, clock, log } = this.#parts
    const { at, words: told } = this.#day()
    if (told.has(subject)) return
    told.set(subject, words)
    const count = told.size
    const detail = this.#sentence(count, inWords([...told.values()]))
    const alert = entry(at, 'server', this.#event, detail, true)
    const counted = count === 1 ? alert : { ...alert, count, last: clock.now().toISOString() }
    try {
      await commits.append({ entries: [{ subject: storeSubject, entry: counted }] })
    } catch (error) {
      told.delete(subject)
      throw error
    }
    log.warn({ event: this.#event }, detail)
  }

  #day(): { at: Date; words: Map<string, string> } {
    const now = this.#parts.clock.now()
    if (this.#today === undefined || now.getTime() - this.#today.at.getTime() >= day) {
      this.#today = { at: now, words: new Map() }
    }
    return this.#today
  }
}

const inWords = (words: readonly string[]): string => {
  const more = words.length > named ? `, and ${words.length - named} more` : ''
  return `${words.slice(0, named).join(', ')}${more}`
}
