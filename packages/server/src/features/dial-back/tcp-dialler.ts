import { timingSafeEqual } from 'node:crypto'
import { connect, isIP, type Socket } from 'node:net'
import { dialBackAnswer, dialBackLength } from '@joinery/protocol'
import type { Random } from '../../core/base/random.ts'
import type { Dialled, Dialler, Knocked } from '../../core/ports/dialler.ts'

/** Time from the first packet to the last byte, in milliseconds. */
const patience = 3_000

/** Dials by TCP. It reads no more from the peer than the length of an answer, compares that, and forgets it. */
export const tcpDialler = (random: Pick<Random, 'bytes'>, timeout = patience): Dialler => ({
  dial: (address, port, nonce) => {
    const challenge = Buffer.from(random.bytes(dialBackLength / 2)).toString('hex')
    const expected = Buffer.from(`${dialBackAnswer(nonce, challenge)}\n`)
    return connected(address, port, timeout, (socket) => judge(socket, challenge, expected))
  },
  knock: (address, port) => connected(address, port, timeout, judgeKnock)
})

const connected = async <T>(
  address: string,
  port: number,
  timeout: number,
  work: (socket: Socket) => Promise<T>
): Promise<T | 'no-answer'> => {
  // a name would be looked up, wherever that leads
  if (isIP(address) === 0) return 'no-answer'
  const socket = connect({ host: address, port })
  const timer = setTimeout(() => socket.destroy(), timeout)
  try {
    return await work(socket)
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

const judgeKnock = (socket: Socket): Promise<Knocked> => {
  const { promise, resolve } = Promise.withResolvers<Knocked>()
  socket.on('connect', () => resolve('open'))
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'no-answer'))
  socket.on('close', () => resolve('no-answer'))
  return promise
}

const judge = (socket: Socket, challenge: string, expected: Buffer): Promise<Dialled> => {
  const { promise, resolve } = Promise.withResolvers<Dialled>()
  let answer = Buffer.alloc(0)
  socket.on('connect', () => socket.write(`${challenge}\n`))
  socket.on('data', (chunk: Buffer) => {
    answer = Buffer.concat([answer, chunk.subarray(0, expected.length - answer.length)])
    if (answer.length === expected.length) resolve(timingSafeEqual(answer, expected) ? 'open' : 'no-answer')
  })
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'no-answer'))
  socket.on('close', () => resolve('no-answer'))
  return promise
}
