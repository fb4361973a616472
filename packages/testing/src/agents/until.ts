import { ProblemAnswer } from '@joinery/cli/testing/terminal'

/** Looks again and again for up to twenty seconds. */
export const until = async <T>(what: string, look: () => Promise<T | false | undefined> | T | false | undefined) => {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await new Promise((resolve) => setTimeout(resolve, 5))
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
