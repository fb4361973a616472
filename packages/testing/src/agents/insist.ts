import { ProblemAnswer } from '@joinery/cli/testing/terminal'
import { eventually } from '../clocks/eventually.ts'

/** Does what an operator does again if the server was away for a moment. A conflict is no such case. */
export const insist = <T>(what: string, act: () => Promise<T>): Promise<T> =>
  eventually(what, () =>
    act().catch((error: Error) => {
      if (error instanceof ProblemAnswer && error.status === 409) throw error
      return undefined
    })
  )
