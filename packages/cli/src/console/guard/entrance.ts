import { createHash, timingSafeEqual } from 'node:crypto'

/** Bytes of a secret: 256 bits. */
const secretBytes = 32

/** Milliseconds for which the link is good. */
export const linkLasts = 600_000

export interface EntranceParts {
  /** Bytes of the system's random source. */
  random(bytes: number): Uint8Array
  /** Tells milliseconds. */
  monotonic(): number
}

/**
 * The way into one console. Its link is good once, for ten minutes, and gets a cookie. The cookie is good for this process alone. Of
 * both only hashes are kept, and they are compared in constant time.
 */
export class Entrance {
  readonly #parts: EntranceParts
  readonly #until: number
  #link: Buffer | undefined
  #cookie: Buffer | undefined
  /** Secret of the link, for the one who prints it. */
  readonly secret: string

  constructor(parts: EntranceParts) {
    this.#parts = parts
    this.#until = parts.monotonic() + linkLasts
    this.secret = newSecret(parts)
    this.#link = hashOf(this.secret)
  }

  /** True if nobody has come in, and the link can still be used. */
  get isOpen(): boolean {
    return this.#link !== undefined && this.#parts.monotonic() < this.#until
  }

  /** Takes the secret of the link, and gives a cookie for it. Undefined if the secret is wrong, used, or too old. */
  enter(secret: string): string | undefined {
    if (!this.isOpen || !fits(secret, this.#link)) return undefined
    this.#link = undefined
    const cookie = newSecret(this.#parts)
    this.#cookie = hashOf(cookie)
    return cookie
  }

  /** True for the cookie that the link got. */
  knows(cookie: string | undefined): boolean {
    return cookie !== undefined && fits(cookie, this.#cookie)
  }

  /** Ends both: nobody comes in any more. */
  close(): void {
    this.#link = undefined
    this.#cookie = undefined
  }
}

const newSecret = ({ random }: EntranceParts): string => Buffer.from(random(secretBytes)).toString('base64url')

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

const fits = (secret: string, hash: Buffer | undefined): boolean =>
  hash !== undefined && timingSafeEqual(hashOf(secret), hash)
