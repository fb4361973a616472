import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ProblemError } from '@joinery/protocol'
import type { FastifyInstance } from 'fastify'

/** Error of a connection on which Node could not read a request to its end. */
export interface UnreadError extends Error {
  code?: string
}

/** Options of a listener of Node that leave to us what Node would answer by itself, with an empty 400. */
export const answeredByUs = { requireHostHeader: false } as const

/** Refuses a request that names no host (RFC 9112, section 3.2), and passes over an expectation, as RFC 9110 allows. */
export const wantHost = (app: FastifyInstance): void => {
  app.addHook('onRequest', ({ raw, headers }, _, next) => {
    if (raw.httpVersion === '1.0' || headers.host !== undefined) return next()
    next(new ProblemError('invalid-request', { detail: 'the request has no Host header' }))
  })
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
}

/** Answers what is no whole request of HTTP/1.1 with a problem, and closes the connection. */
export const answerUnread = (error: UnreadError, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const { body } = unreadProblem(error)
  const text = JSON.stringify(body)
  const head = [
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(text)}`
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy())
}

/** Cuts the connection of a peer that speaks no HTTP/1.1. A stranger gets no answer that costs anything. */
export const cutUnread = (_: UnreadError, socket: Socket): void => void socket.destroy()

const unreadProblem = ({ code = 'unknown' }: UnreadError): ProblemError => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ProblemError('request-timeout')
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ProblemError('too-large', { detail: 'the head of the request is too large' })
  return new ProblemError('invalid-request', { detail: `this is no request of HTTP/1.1 that can be read (${code})` })
}
