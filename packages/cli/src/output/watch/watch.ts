import { escapeText } from '@joinery/protocol'
import { Option } from 'commander'
import { restAfter, usualInterval } from '../../follow/rest-after.ts'
import type { Session } from '../../session/session.ts'
import { isOutage } from '../../terminal/errors.ts'
import { moment } from '../../terminal/times.ts'

export interface Watched<T> {
  look(): Promise<T>
  /** Prints what is new in a look. */
  show(seen: T): void
  /** Shortest time from an answer to the next look, in milliseconds. A second if absent. */
  interval?: number
  /** True if nothing more can come. If absent, a watch has no end of its own. */
  isOver?(seen: T): boolean
}

/** The `--watch` option. `other`: options of the command that a watch cannot have. */
export const watchOption = (description: string, ...other: string[]): Option =>
  new Option('-w, --watch', `watch: ${description}, until Ctrl-C`).conflicts(other)

/**
 * Looks again and again. Each look sees all that is asked for, so nothing depends on having seen every step, and a server that was
 * away is no reason to end. Ends once nothing more can come, by another error, or by a signal.
 */
export const watch = async <T>({ terminal }: Session, watched: Watched<T>): Promise<void> => {
  const { interval, show, isOver } = watched
  let { seen, took } = await timed(terminal, watched)
  for (;;) {
    show(seen)
    if (isOver?.(seen)) return
    await terminal.pause(restAfter(took, interval))
    ;({ seen, took } = await lookAgain(terminal, watched))
  }
}

/** Tells of each look which items are new, or other than at the look before. Whole items are compared, and one that left is forgotten. */
export const changesOf = <T>(id: (item: T) => string): ((items: readonly T[]) => T[]) => {
  let before = new Map<string, string>()
  return (items) => {
    const texts = new Map(items.map((item) => [id(item), JSON.stringify(item)]))
    const changed = items.filter((item) => before.get(id(item)) !== texts.get(id(item)))
    before = texts
    return changed
  }
}

interface Timed<T> {
  seen: T
  /** Milliseconds that the answer took. */
  took: number
}

const timed = async <T>(terminal: Session['terminal'], { look }: Watched<T>): Promise<Timed<T>> => {
  const asked = terminal.now().getTime()
  const seen = await look()
  return { seen, took: terminal.now().getTime() - asked }
}

/** The next look, as soon as there is one again. Says when the server goes away, and when it is back. */
const lookAgain = async <T>(terminal: Session['terminal'], watched: Watched<T>): Promise<Timed<T>> => {
  let away = false
  for (;;) {
    const asked = now(terminal)
    try {
      const seen = await timed(terminal, watched)
      if (away) terminal.err(`The pairing server answers again as of ${now(terminal)}\n`)
      return seen
    } catch (error) {
      if (!isOutage(error)) throw error
      if (!away) terminal.err(`The pairing server has not answered since ${asked}: ${escapeText(error.message)}\n`)
      away = true
    }
    await terminal.pause(watched.interval ?? usualInterval)
  }
}

const now = (terminal: Session['terminal']): string => moment(terminal.now().toISOString())
