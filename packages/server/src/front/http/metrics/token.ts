import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import { systemFailure } from '@joinery/host/text/failure'
import { cached } from '../../../core/base/cached.ts'
import type { Monotonic } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'

/** Fewest characters of a token. `openssl rand -hex 32` makes 64. */
const shortest = 32

/** Time for which a token is not read again, in milliseconds. A file that was changed counts after it. */
const kept = { value: 10_000, failure: 10_000 }

/** Answers whether a request has the token. */
export type HasToken = (authorization: string | undefined) => Promise<boolean>

/**
 * The judge of bearer tokens by the file that has the right one. The comparison takes the same time for every token. If the file can
 * no longer be read, no token is right. Throws if it cannot be read at the start.
 */
export const tokenJudge = async (file: string, log: Logger, monotonic: Monotonic): Promise<HasToken> => {
  await readDigest(file)
  const digest = cached(
    () =>
      readDigest(file).catch((error: Error) => {
        log.warn({ reason: error.message }, 'the token for metrics cannot be read: nobody can scrape by a token')
        return undefined
      }),
    monotonic,
    kept
  )
  return async (authorization = '') => {
    const [, token] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization) ?? []
    if (token === undefined) return false
    const right = await digest()
    return right !== undefined && timingSafeEqual(digestOf(token), right)
  }
}

/** Reads the token, and keeps only its digest. No error has a part of the token. */
const readDigest = async (file: string): Promise<Buffer> => {
  const refuse = (why: string, remedy: string) =>
    new CommandEnd(commonCodes.failure, `metrics.tokenFile: ${why}`, remedy)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { cause } = systemFailure(error) ?? { cause: `${file} cannot be read` }
    throw refuse(cause, `make it for the server's user: ${makeToken(file)}`)
  })
  const token = text.trim()
  if (/[^\x21-\x7e]/.test(token) || token.length < shortest) {
    throw refuse(
      `${file} must have one token, of ${shortest} printable characters at least`,
      `make another one: ${makeToken(file)}`
    )
  }
  return digestOf(token)
}

const makeToken = (file: string): string =>
  `install --owner joinery --mode 0600 /dev/null ${file} && openssl rand -hex 32 > ${file}`

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest()
