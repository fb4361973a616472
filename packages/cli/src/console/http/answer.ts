import type { ServerResponse } from 'node:http'
import type { Problem } from '@joinery/protocol'

/** Sends JSON that no parser of HTML takes for anything else. Resolves to whether all of it went out. */
export const sendJson = async (response: ServerResponse, status: number, answer: unknown): Promise<boolean> => {
  // the browser has gone away meanwhile: no event would come any more
  if (response.destroyed) return false
  const text = JSON.stringify(answer ?? null).replace(/</g, '\\u003c')
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
  return new Promise((resolve) => {
    response.once('finish', () => resolve(true)).once('close', () => resolve(false))
    response.end(text)
  })
}

/**
 * Sends a refusal, and closes the connection: what the request still has to say is not read. A person who has opened an address gets
 * its words, and a program the problem.
 */
export const sendRefusal = async (response: ServerResponse, problem: Problem, isForPerson: boolean): Promise<void> => {
  response.setHeader('connection', 'close')
  if (!isForPerson) return void (await sendJson(response, problem.status, problem))
  const { title, detail, remedy } = problem
  response
    .writeHead(problem.status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end([title, detail, remedy && `to do: ${remedy}`, ''].filter((line) => line !== undefined).join('\n'))
}
