/** Bytes of a record's head: its type, a version, and the length of the rest (RFC 8446, 5.1). */
const headBytes = 5

/** Records that came: how many begin, and the sum of what they cost. */
export interface Records {
  many: number
  cost: number
}

/**
 * Reads where the records of TLS begin in what a connection sends. Their lengths are in clear. A record costs its bytes, or `least` if
 * that is more: TLS lets a client change its keys by 27 bytes, as often as it likes, and each change is work for the server.
 */
export class RecordReader {
  readonly #least: number
  /** Bytes of the present head that were read, and bytes of the record after it that are yet to come. */
  #head = 0
  #length = 0
  #left = 0

  constructor(least: number) {
    this.#least = least
  }

  read(chunk: Buffer): Records {
    const records = { many: 0, cost: 0 }
    for (let at = 0; at < chunk.length; ) {
      const skipped = Math.min(this.#left, chunk.length - at)
      this.#left -= skipped
      at += skipped
      if (at === chunk.length) break
      if (this.#head >= headBytes - 2) this.#length = this.#length * 256 + (chunk[at] ?? 0)
      this.#head += 1
      at += 1
      if (this.#head < headBytes) continue
      records.many += 1
      records.cost += Math.max(headBytes + this.#length, this.#least)
      this.#left = this.#length
      this.#head = 0
      this.#length = 0
    }
    return records
  }
}
