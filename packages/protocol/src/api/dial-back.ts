import { createHmac } from 'node:crypto'

/**
 * The answer of a machine's listener to the challenge of the server that dials it back: HMAC-SHA-256 of the challenge
 * by the nonce, in hex. Challenge, nonce and answer are 32 bytes in hex each. A line is one of them with a newline.
 */
export const dialBackAnswer = (nonce: string, challenge: string): string =>
  createHmac('sha256', Buffer.from(nonce, 'hex')).update(challenge).digest('hex')

/** Length of a challenge, an answer or a nonce, in characters. */
export const dialBackLength = 64
