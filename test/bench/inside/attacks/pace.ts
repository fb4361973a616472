/** Between two turns, in milliseconds. */
const turn = 10
/** What a process that was held up makes good afterwards, in milliseconds. */
const madeGood = 100

/** Calls `act` with how often something is due, `rate` times a second in all, until `stop` aborts. */
export const pace = (rate: number, stop: AbortSignal, act: (due: number) => void): void => {
  let last = performance.now()
  let rest = 0
  const timer = setInterval(() => {
    const now = performance.now()
    rest += (Math.min(now - last, madeGood) * rate) / 1000
    last = now
    const due = Math.floor(rest)
    rest -= due
    if (due > 0) act(due)
  }, turn)
  stop.addEventListener('abort', () => clearInterval(timer))
}
