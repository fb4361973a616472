import type { setTimeout } from 'node:timers/promises'
import type { Connection } from '@joinery/kube'
import { apply, type Manifest, remove, statusOf, version } from '@joinery/kube'

/**
 * Milliseconds to wait for API servers to forget a token. An API server lets a token in for 10 s after it looked at the
 * token (TokenSuccessCacheTTL of v1.37.2, which no flag changes). During that time a holder could ask for another
 * token, and would get one of the new account, because both accounts have the same name.
 */
const remembered = 15_000

const pause = 500
const tries = 60

export interface EndTokens {
  admin: Connection
  /** The manifest of the ServiceAccount. */
  account: Manifest
  /** Connection by the token that the server had. Undefined if it had none. */
  earlier: Connection | undefined
  sleep: typeof setTimeout
}

/**
 * Ends every token of the account, and every token that was made by one of them. A token names its account by uid, and
 * the account is made again with another uid, but only after no API server remembers the old one. If it is cut
 * anywhere, it can run again. Throws if the earlier token is still let in.
 */
export const endTokens = async ({ admin, account, earlier, sleep }: EndTokens): Promise<void> => {
  await remove(admin, account)
  await sleep(remembered)
  for (let left = tries; earlier !== undefined && !(await isRefused(earlier)); left -= 1) {
    if (left === 0) {
      throw new Error('the API server still lets the earlier token in: the account was not made again; run setup again')
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
