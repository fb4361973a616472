import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Longest input, in characters. No code is longer, and a whole file given by mistake must not fill the memory. */
const limit = 4096

/** The first line of a stream. Undefined if it is longer than any code. */
export const readLine = async (input: AsyncIterable<Uint8Array | string>): Promise<string | undefined> => {
  let text = ''
  for await (const chunk of input) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
    const end = text.indexOf('\n')
    if (end >= 0 && end <= limit) return text.slice(0, end)
    if (text.length > limit) return undefined
  }
  return text
}

/** A line that a person types, which nobody sees. Undefined if they end it by Ctrl-C or Ctrl-D. */
export const readHiddenLine = async (
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  prompt: string
): Promise<string | undefined> => {
  output.write(prompt)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // a terminal of its own: it switches the echo off, and knows backspace
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  const ended = new AbortController()
  lines.once('close', () => ended.abort())
  try {
    const [line] = (await once(lines, 'line', { signal: ended.signal })) as [string]
    return line
  } catch {
    return undefined
  } finally {
    lines.close()
    output.write('\n')
  }
}
