import { ProblemAnswer } from '@joinery/cli/testing/terminal'

/** Looks again and again for up to twenty seconds. */
export const until = async <T>(what: string, look: () => Promise<T | false | undefined> | T | false | undefined) => {
  const deadline = performance.now() + 20_000
  for (let pause = 5; performance.now() < deadline; pause = Math.min(2 * pause, 40)) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  throw new Error(`not within 20 s: ${what}`)
}

/** Does what an operator does again if the server was away for a moment. A conflict is no such case. */
export const insist = <T>(what: string, act: () => Promise<T>): Promise<T> =>
  until(what, () =>
    act().catch((error: Error) => {
      if (error instanceof ProblemAnswer && error.status === 409) throw error
      return undefined
    })
  )
