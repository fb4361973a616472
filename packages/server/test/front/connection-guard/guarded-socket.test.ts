import { once } from 'node:events'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { GuardedSocket } from '../../../src/front/connection-guard/guarded-socket.ts'

const sent = { bytes: 1000, record: 100, atOnce: 3, waiting: 0 }
const records = (many: number, length = 22) =>
  Buffer.concat(Array.from({ length: many }, () => Buffer.from([23, 3, 3, 0, length, ...Array(length).fill(0)])))

const open = async () => {
  const socket = new PassThrough()
  const world = { arrived: 0, came: 0 }
  const guarded = new GuardedSocket({
    socket: socket as unknown as Socket,
    limit: 4_096,
    sent,
    arrived: () => {
      world.arrived += 1
    }
  })
  guarded.on('data', (chunk: Buffer) => {
    world.came += chunk.length / 27
  })
  guarded.open()
  // it flows from the next turn on
  await nextTurn()
  /** As the network brings it. */
  const bring = (bytes: Buffer) => void socket.emit('data', bytes)
  return { socket, guarded, world, bring }
}

t.test('B2: after the handshake a few records are handed on as they come, and more wait for a turn', async (t) => {
  const { socket, guarded, world, bring } = await open()
  bring(records(3))
  t.same(world, { arrived: 0, came: 3 })
  bring(records(4))
  t.same(world, { arrived: 1, came: 3 })
  t.ok(socket.isPaused(), 'nothing more is read meanwhile')
  bring(records(1))
  t.same(world, { arrived: 2, came: 3 }, 'and what was read already keeps its order')
  guarded.handOn()
  t.same(world, { arrived: 2, came: 8 })
  t.notOk(socket.isPaused())
})

t.test('B2: what is too much between two requests is cut before TLS has it, also a little at a time', async (t) => {
  for (const pieces of [[11], Array(11).fill(1), [3, 3, 3, 2]]) {
    const { guarded, world, bring } = await open()
    for (const piece of pieces.slice(0, -1)) bring(records(piece))
    t.notOk(guarded.destroyed, pieces.join())
    const { came } = world
    bring(records(pieces.at(-1)))
    t.ok(guarded.destroyed, pieces.join())
    t.equal(world.came, came)
  }
})

t.test('a request makes room for as much again', async (t) => {
  const { guarded, bring } = await open()
  for (let piece = 0; piece < 12; piece += 1) {
    bring(records(3))
    guarded.renew()
  }
  t.notOk(guarded.destroyed)
})

t.test('B1: what a peer did not read goes with its connection, and an answer that was sent does not', async (t) => {
  for (const [unread, ends] of [
    [0, 'destroy'],
    [1, 'resetAndDestroy']
  ] as const) {
    const { socket, guarded } = await open()
    const ended: string[] = []
    Object.defineProperties(socket, {
      writableLength: { value: unread },
      destroy: { value: () => ended.push('destroy') },
      resetAndDestroy: { value: () => ended.push('resetAndDestroy') }
    })
    guarded.destroy()
    await once(guarded, 'close')
    t.same(ended, [ends])
  }
})

t.test('what is said to a peer that has ended goes nowhere, and is no error', async (t) => {
  const { socket, guarded } = await open()
  const errors: unknown[] = []
  const written: unknown[] = []
  guarded.on('error', (error) => errors.push(error))
  socket.write = (chunk: unknown) => written.push(chunk) > 0
  // as TLS does, in the turn in which it hears of the end
  socket.once('end', () => guarded.write('goodbye'))
  socket.push(null)
  await once(guarded, 'close')
  t.same(errors, [])
  t.same(written, [])
})
