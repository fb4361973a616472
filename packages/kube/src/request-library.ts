import { type HttpLibrary, type RequestContext, ResponseContext, wrapHttpLibrary } from '@kubernetes/client-node'
import { request } from 'undici'

/**
 * Sends the requests of the typed clients. client-node's own library is `fetch`, which takes half as much processor time again. An error
 * is the one that `fetch` throws. A redirection is an answer and is not followed, so no credential goes where somebody points.
 */
export const requestLibrary: HttpLibrary = wrapHttpLibrary({
  send: async (context) => {
    const { statusCode, headers, body } = await asFetch('fetch failed', request(context.getUrl(), optionsOf(context)))
    return new ResponseContext(statusCode, oneEach(headers), {
      text: () => asFetch('terminated', body.text()),
      binary: async () => Buffer.from(await asFetch('terminated', body.bytes())),
      stream: () => null
    })
  }
})

const optionsOf = (context: RequestContext): NonNullable<Parameters<typeof request>[1]> => {
  const body = context.getBody()
  // forms are for files, and the API server takes none
  if (body !== undefined && typeof body !== 'string') throw new Error('the body of a request must be text')
  const dispatcher = context.getDispatcher()
  return {
    method: context.getHttpMethod(),
    headers: context.getHeaders(),
    body: body ?? null,
    signal: context.getSignal() ?? null,
    ...(dispatcher && { dispatcher })
  }
}

/** The answer, or the error that `fetch` would throw: what ended the request by its signal, or a TypeError with the reason as its cause. */
const asFetch = async <T>(message: string, answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (cause) {
    if (cause instanceof Error && ['AbortError', 'TimeoutError'].includes(cause.name)) throw cause
    throw new TypeError(message, { cause })
  }
}

/** Headers as client-node wants them: each has one text. */
const oneEach = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
