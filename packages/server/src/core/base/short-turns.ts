/** Longest turn in milliseconds: long enough to get on, and too short for anybody to notice. */
const longest = 10

/**
 * Makes a function for work that awaits nothing for long. The work awaits the function's result now and then, and the
 * others have their turn of the event loop after the work has had its own. Undefined as long as the work may go on.
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
