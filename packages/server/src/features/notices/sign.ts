import { createHmac } from 'node:crypto'

/** Headers of one try of a notice, by Standard Webhooks 1.0.0. Each secret makes a signature of its own. */
export const signedHeaders = (
  id: string,
  body: string,
  secrets: readonly Buffer[],
  now: Date
): Record<string, string> => {
  const timestamp = `${Math.floor(now.getTime() / 1000)}`
  const sign = (secret: Buffer): string =>
    `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(sign).join(' ')
  }
}

const bytes = { least: 24, most: 64 }

/** Keys in a secret file: one on each line, as `whsec_` and base64. Undefined if the text is anything else. */
export const readSecrets = (text: string): Buffer[] | undefined => {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const keys = lines.flatMap((line) => {
    const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? []
    const key = Buffer.from(base64 ?? '', 'base64')
    // what was read is what was written, or another program would read another key
    const isOne = key.toString('base64') === base64 && key.length >= bytes.least && key.length <= bytes.most
    return isOne ? [key] : []
  })
  return keys.length > 0 && keys.length === lines.length ? keys : undefined
}
