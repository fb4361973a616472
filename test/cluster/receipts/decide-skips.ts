import type { Suite } from '../order/suites.ts'

/** What the last whole green runs proved. */
export interface Receipts {
  /** Runs that ended green since all suites were played. */
  runsSinceAll: number
  /** By the name of the suite: the key of its inputs when it last passed, and the commit of that run. */
  passed: Readonly<Record<string, Receipt>>
}

export interface Receipt {
  key: string
  commit: string
}

/** So many runs may skip suites, one after the other. The next one plays all: a key may miss an input. */
const mostRunsWithSkips = 4

/**
 * decideSkips gives the suites that need not be played, by name, each with the commit at which it passed with the same inputs. `keys` has the
 * key of each suite's present inputs.
 */
export const decideSkips = (
  suites: readonly Suite[],
  keys: ReadonlyMap<string, string>,
  { runsSinceAll, passed }: Receipts
): ReadonlyMap<string, string> => {
  if (runsSinceAll >= mostRunsWithSkips) return new Map()
  return new Map(
    suites.flatMap(({ name, always }) => {
      const receipt = passed[name]
      const isSame = receipt !== undefined && receipt.key === keys.get(name)
      return isSame && always === undefined ? [[name, receipt.commit] as const] : []
    })
  )
}

/** What stands when a run with these skips was green as a whole: each other suite passed at this commit. */
export const receiptsAfter = (
  before: Receipts,
  keys: ReadonlyMap<string, string>,
  skipped: ReadonlyMap<string, string>,
  commit: string
): Receipts => ({
  runsSinceAll: skipped.size === 0 ? 0 : before.runsSinceAll + 1,
  passed: Object.fromEntries(
    [...keys].map(([name, key]) => [name, { key, commit: skipped.get(name) ?? commit }] as const)
  )
})
