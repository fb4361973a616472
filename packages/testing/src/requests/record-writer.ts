import { createCipheriv, createHmac } from 'node:crypto'

/** Content types of a record (RFC 8446, 5.1). */
const contents = { handshake: 22, data: 23 } as const

/** The only cipher suite for which this writes. */
export const writtenCipher = 'TLS_AES_128_GCM_SHA256'

/**
 * Writes records of TLS 1.3 as a client does after its handshake, from its traffic secret. No client library sends what a test needs:
 * changes of keys without end, and records of any length.
 */
export class RecordWriter {
  #secret: Buffer
  #sequence = 0n

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  data(text: string | Buffer): Buffer {
    return this.#record(contents.data, Buffer.from(text), 0)
  }

  /** A change of this side's keys, with so many bytes of padding. If `requested`, the other side changes its own as well. */
  keyUpdate({ requested = false, padding = 0 } = {}): Buffer {
    const record = this.#record(contents.handshake, Buffer.from([24, 0, 0, 1, requested ? 1 : 0]), padding)
    this.#secret = expand(this.#secret, 'traffic upd', 32)
    this.#sequence = 0n
    return record
  }

  #record(type: number, content: Buffer, padding: number): Buffer {
    const inner = Buffer.concat([content, Buffer.from([type]), Buffer.alloc(padding)])
    const head = Buffer.from([contents.data, 3, 3, 0, 0])
    head.writeUInt16BE(inner.length + 16, 3)
    const nonce = expand(this.#secret, 'iv', 12)
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ this.#sequence, 4)
    this.#sequence += 1n
    const cipher = createCipheriv('aes-128-gcm', expand(this.#secret, 'key', 16), nonce).setAAD(head)
    return Buffer.concat([head, cipher.update(inner), cipher.final(), cipher.getAuthTag()])
  }
}

/** HKDF-Expand-Label without a context, for no more than one hash (RFC 8446, 7.1). */
const expand = (secret: Buffer, label: string, length: number): Buffer => {
  const name = Buffer.from(`tls13 ${label}`)
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])])
  return createHmac('sha256', secret).update(info).digest().subarray(0, length)
}
