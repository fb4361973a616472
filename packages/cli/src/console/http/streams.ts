import type { ServerResponse } from 'node:http'
import type { Looks } from '../looks.ts'
import { refusal } from '../problem.ts'

/** Number of streams at a time. A browser itself opens six connections to one host. */
export const streamsAtMost = 8

/** Milliseconds between two signs of life, and until a browser connects again. */
const beat = 15_000
const retry = 3_000

/** Characters that may wait for a page that does not read. Then its stream ends, and the page begins again. */
const waitingAtMost = 4 * 1024 * 1024

/** The streams of events to the open pages. */
export class Streams {
  readonly #looks: Pick<Looks, 'hear'>
  #open = 0

  constructor(looks: Pick<Looks, 'hear'>) {
    this.#looks = looks
  }

  /** Number of pages that listen. */
  get open(): number {
    return this.#open
  }

  /** Makes the response a stream. Throws `too-many-requests` if there are too many. */
  begin(response: ServerResponse): void {
    if (this.#open >= streamsAtMost) {
      throw refusal('too-many-requests', {
        detail: `${streamsAtMost} pages of this console are open`,
        remedy: 'close one of them'
      })
    }
    this.#open += 1
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
    response.write(`retry: ${retry}\n\n`)
    const ignore = this.#looks.hear({
      hear: (event) => send(response, `data: ${event.replace(/</g, '\\u003c')}\n\n`),
      // of a stream that breaks off a browser may throw away what it has not read yet
      end: () => response.end()
    })
    const beats = setInterval(() => send(response, ':\n\n'), beat)
    response.once('close', () => {
      this.#open -= 1
      clearInterval(beats)
      ignore()
    })
  }
}

const send = (response: ServerResponse, text: string): void => {
  if (response.writableLength > waitingAtMost) response.destroy()
  else response.write(text)
}
