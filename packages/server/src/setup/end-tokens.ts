import type { setTimeout } from 'node:timers/promises'
import type { Connection } from '@joinery/kube'
import { apply, type Manifest, remove, statusOf, version } from '@joinery/kube'

/**
 * In milliseconds. An API server lets a token in for 10 s after it looked at it (TokenSuccessCacheTTL of v1.37.2, which no flag
 * changes): so long who has one could ask for another, and would get it of the new account by the name that both have.
 */
const remembered = 15_000

const pause = 500
const tries = 60

export interface EndTokens {
  admin: Connection
  /** The manifest of the ServiceAccount. */
  account: Manifest
  /** By the token that the server had; undefined where it had none. */
  earlier: Connection | undefined
  sleep: typeof setTimeout
}

/**
 * Ends every token of the account, and every token that was made by one of them: a token names its account by uid, and the
 * account is made anew, with another one. Not before nobody remembers the old one. Cut anywhere, it is done again. Throws where
 * the earlier token is let in all the same.
 */
export const endTokens = async ({ admin, account, earlier, sleep }: EndTokens): Promise<void> => {
  await remove(admin, account)
  await sleep(remembered)
  for (let left = tries; earlier !== undefined && !(await isRefused(earlier)); left -= 1) {
    if (left === 0) {
      throw new Error('the API server still lets the earlier token in: the account was not made anew, run setup again')
    }
    await sleep(pause)
  }
  await apply(admin, account)
}

const isRefused = async (api: Connection): Promise<boolean> => {
  try {
    await version(api)
    return false
  } catch (error) {
    if (statusOf(error) !== 401) throw error
    return true
  }
}
