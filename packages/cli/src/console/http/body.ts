import type { IncomingMessage } from 'node:http'
import { refusal } from '../problem.ts'

/** Largest body in bytes. The largest that the page sends is a code with labels and taints. */
export const bodyLimit = 64 * 1024

/** The JSON that a request sends. Throws `too-large` before it has read more than the limit, and `invalid-request`. */
export const readJson = async (request: IncomingMessage): Promise<unknown> => {
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw refusal('too-large')
  const chunks: Buffer[] = []
  let size = 0
  // the connection must live on for the refusal
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > bodyLimit) throw refusal('too-large')
    chunks.push(chunk as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw refusal('invalid-request', { detail: 'the body is not JSON' })
  }
}
