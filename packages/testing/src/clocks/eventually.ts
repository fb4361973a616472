import { shortSleep } from './short-sleep.ts'

/** Patience with another process: a busy host keeps it from running while this one waits. */
export const otherProcess = { patience: 100_000 }

/**
 * Looks again and again until there is something, and gives that. Its pauses grow up to `pause` milliseconds. It throws when it has
 * waited for `patience` milliseconds: only its pauses count, so that a busy host, or the work that it waits for in this process, takes
 * nothing from them.
 */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | false | undefined> | T | false | undefined,
  { patience = 20_000, pause = 40 } = {}
): Promise<T> => {
  const sleep = shortSleep(pause)
  for (let [next, waited] = [5, 0]; waited < patience; next = Math.min(2 * next, pause)) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await sleep(next)
    waited += next
  }
  throw new Error(`not within ${patience / 1000} s of waiting: ${what}`)
}

/**
 * Waits for a promise, and gives its value or its error. It throws when it has waited for `patience` milliseconds, which are counted as
 * `eventually` counts them.
 */
export const inTime = async <T>(what: string, promise: Promise<T>, { patience = 20_000 } = {}): Promise<T> => {
  let isOver = false
  const note = (): void => {
    isOver = true
  }
  promise.then(note, note)
  await eventually(what, () => isOver, { patience })
  return promise
}
