import { STATUS_CODES } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Dispatcher } from 'undici'
import type { Answer, Message } from './message.ts'

type Handle = (message: Message) => Promise<Answer>

/** Brings requests of undici to the API server without a connection. Whoever makes it has proven the key of the client certificate. */
export class InProcess extends Dispatcher {
  readonly #handle: Handle
  readonly #certificate: string | undefined

  constructor(handle: Handle, certificate?: string) {
    super()
    this.#handle = handle
    this.#certificate = certificate
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const way = new Way(handler)
    handler.onRequestStart?.(way, {})
    void this.#carry(options, handler, way).catch((error: unknown) => way.fail(error))
    return true
  }

  override async close(): Promise<void> {}

  override async destroy(): Promise<void> {}

  async #carry(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, way: Way): Promise<void> {
    const { code, headers, body } = await this.#handle({
      method: options.method,
      url: new URL(options.path, String(options.origin)),
      headers: headersOf(options.headers),
      body: await bodyOf(options.body),
      ...(this.#certificate !== undefined && { certificate: this.#certificate })
    })
    if (way.aborted) return
    way.rawHeaders = Object.entries(headers).flatMap((pair) => pair.map((part) => Buffer.from(part)))
    handler.onResponseStart?.(way, code, headers, STATUS_CODES[code])
    const line = (chunk: string): void => {
      if (!way.aborted && chunk !== '') handler.onResponseData?.(way, Buffer.from(chunk))
    }
    const ended = (error?: Error): void => {
      if (error !== undefined) way.fail(error)
      else if (!way.aborted) handler.onResponseEnd?.(way, {})
    }
    if (typeof body !== 'string') {
      way.stop = body.read(line, ended)
      return
    }
    line(body)
    ended()
  }
}

/** One request on its way, as undici's handlers see it. */
class Way implements Dispatcher.DispatchController {
  readonly #handler: Dispatcher.DispatchHandler
  aborted = false
  paused = false
  reason: Error | null = null
  rawHeaders: Buffer[] | null = null
  rawTrailers: Buffer[] | null = null
  /** Ends the reading of a body that goes on. */
  stop: () => void = () => {}

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler
  }

  // bodies are small, and all are read
  pause(): void {}

  resume(): void {}

  abort(reason: Error): void {
    this.fail(reason)
  }

  fail(error: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = error instanceof Error ? error : new Error(String(error))
    this.stop()
    this.#handler.onResponseError?.(this, this.reason)
  }
}

const headersOf = (given: Dispatcher.DispatchOptions['headers']): Record<string, string> => {
  if (given === null || given === undefined) return {}
  const flat = Array.isArray(given) ? given : undefined
  const pairs: Iterable<readonly [unknown, unknown]> =
    flat !== undefined
      ? Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index], flat[2 * index + 1]])
      : Symbol.iterator in given
        ? (given as Iterable<[string, string]>)
        : Object.entries(given)
  return Object.fromEntries([...pairs].map(([name, value]) => [String(name).toLowerCase(), String(value)]))
}

const bodyOf = async (body: unknown): Promise<string> => {
  if (body === null || body === undefined) return ''
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return text(Readable.from(body as AsyncIterable<Uint8Array>))
}
