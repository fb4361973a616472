import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/**
 * Asks on a terminal. The terminal itself edits the line (no raw mode), so Ctrl-C stays the signal that ends the command,
 * as everywhere else. Gives nothing if the input has ended.
 */
export const askOn =
  (input: Readable, output: NodeJS.WritableStream) =>
  (question: string): Promise<string> =>
    new Promise((resolve) => {
      let answer: string | undefined
      output.write(question)
      // the end of input answers all later questions as well: nothing would come any more
      if (input.readableEnded) {
        output.write('\n')
        return resolve('')
      }
      const lines = createInterface({ input, terminal: false })
      lines.once('line', (line) => {
        answer = line
        lines.close()
      })
      lines.once('close', () => {
        // Ctrl-D leaves the cursor behind the question
        if (answer === undefined) output.write('\n')
        resolve(answer ?? '')
      })
    })
