import { createHmac } from 'node:crypto'

/**
 * What the listener on a machine answers to the challenge of the server that dials it back: HMAC-SHA-256 of the challenge
 * by the nonce, in hex. Each is 32 bytes in hex, and a line is one of them with a newline.
 */
export const dialBackAnswer = (nonce: string, challenge: string): string =>
  createHmac('sha256', Buffer.from(nonce, 'hex')).update(challenge).digest('hex')

/** Characters of a challenge, of an answer and of a nonce. */
export const dialBackLength = 64
