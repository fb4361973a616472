/** In milliseconds: long enough to get on, and too short for anybody to notice. */
const longest = 10

/**
 * For work that awaits nothing for long: await what it gives now and then, and the others have their turn of the event loop when
 * this work has had its own. Undefined as long as it may go on.
 */
export const shortTurns = (now: () => number = () => performance.now()): (() => Promise<void> | undefined) => {
  let began = now()
  let next: Promise<void> | undefined
  const begin = (resolve: () => void): void => {
    next = undefined
    began = now()
    resolve()
  }
  return () => {
    if (now() - began < longest) return next
    next ??= new Promise((resolve) => setImmediate(begin, resolve))
    return next
  }
}
