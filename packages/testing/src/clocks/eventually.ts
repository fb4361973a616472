import { shortSleep } from './short-sleep.ts'

/** In milliseconds. */
const [patience, longest] = [20_000, 100]
const sleep = shortSleep(longest)

/**
 * Looks again and again until there is something, and gives that. It throws when it has waited for twenty seconds: only its own pauses
 * count, so that a busy host, or the work that it waits for in this process, takes nothing from them.
 */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | false | undefined> | T | false | undefined
): Promise<T> => {
  for (let [pause, waited] = [5, 0]; waited < patience; pause = Math.min(2 * pause, longest)) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await sleep(pause)
    waited += pause
  }
  throw new Error(`not within ${patience / 1000} s of waiting: ${what}`)
}
