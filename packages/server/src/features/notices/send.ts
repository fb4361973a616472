import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { given } from '@joinery/protocol/given'
import type { InjectionToken } from 'tsyringe'
import { Client } from 'undici'
import { isLoopback } from '../../core/base/ip-address.ts'

/** One request to somebody else's server. */
export interface Outgoing {
  url: URL
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array
  /** PEM of the CAs that its certificate may come from. Those of Node if absent. */
  certificateAuthority?: string
  /** True if the request must not leave this host. */
  onlyHere: boolean
  /** Milliseconds for all of it. */
  timeout: number
}

/** The answer to a request. `failure` says in words why there is no answer. */
export type Answered = { status: number; retryAfter?: number } | { failure: string }

/** Sends a request, and reads no more than the status of its answer. */
export type Send = (outgoing: Outgoing, signal: AbortSignal) => Promise<Answered>
export const Send = Symbol('Send') as InjectionToken<Send>

/**
 * Sends a request by a connection of its own. Whatever the other side does, it costs the time-out and one connection: a redirect
 * is not followed, and of the answer only the status and `Retry-After` are read. Throws nothing.
 */
export const sendOnce: Send = async ({ url, headers, body, certificateAuthority, onlyHere, timeout }, signal) => {
  const client = new Client(url.origin, {
    connect: {
      timeout,
      ...given({ ca: certificateAuthority }),
      ...(onlyHere && isIP(bare(url.hostname)) === 0 && { lookup: onlyLoopback() })
    },
    maxHeaderSize: 16 * 1024,
    headersTimeout: timeout,
    bodyTimeout: timeout
  })
  try {
    const answer = await client.request({
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, 'user-agent': 'joinery-server' },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    })
    answer.body.on('error', () => {})
    answer.body.destroy()
    return { status: answer.statusCode, ...given({ retryAfter: retryAfterOf(answer.headers['retry-after']) }) }
  } catch (error) {
    return { failure: failureOf(error, timeout) }
  } finally {
    await client.destroy().catch(() => {})
  }
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

/** A look-up of names that refuses an address of another host. */
export const onlyLoopback =
  (look: LookupFunction = lookup as LookupFunction): LookupFunction =>
  (host, options, done) =>
    look(host, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [address] : (address ?? []).map((one) => one.address)
      if (error === null && !addresses.every(isLoopback)) {
        return done(Object.assign(new Error('not an address of this host'), { code: 'ENOTHERE' }), '', 0)
      }
      done(error, address, family)
    })

/** Milliseconds of the header, if it is a number of seconds. */
const retryAfterOf = (header: string | string[] | undefined): number | undefined =>
  typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTHERE: 'its name leads to another host, and http is only for this one',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted: name its CA by caFile',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted: name its CA by caFile',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted: name its CA by caFile',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted: name its CA by caFile'
}

/** The reason in words of our own: what the other side says is in none of them. */
const failureOf = (error: unknown, timeout: number): string => {
  const { name, code: coded } = error as NodeJS.ErrnoException
  // an abort has a number
  const code = typeof coded === 'string' ? coded : ''
  if (name === 'TimeoutError' || code.includes('TIMEOUT')) return `no answer within ${timeout / 1000} s`
  return words[code] ?? `the connection failed (${code || name})`
}
