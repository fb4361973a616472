import { Option } from 'commander'
import { restAfter } from '../../follow/rest-after.ts'
import type { Session } from '../../session/session.ts'
import { untilAnswered } from './until-answered.ts'

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
    ;({ seen, took } = await untilAnswered(terminal, () => timed(terminal, watched), { interval, since: 'asked' }))
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
