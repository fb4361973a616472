import { createInterface } from 'node:readline'

/**
 * Asks on a terminal. The terminal itself edits the line (no raw mode), so Ctrl-C stays the signal that ends the command,
 * as everywhere else.
 */
export const askOn =
  (input: NodeJS.ReadableStream, output: NodeJS.WritableStream) =>
  (question: string): Promise<string> =>
    new Promise((resolve) => {
      let answer: string | undefined
      output.write(question)
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
