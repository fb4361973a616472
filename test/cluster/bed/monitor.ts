import { createConnection, type Socket } from 'node:net'
import { waitFor } from './wait-for.ts'

/** A conversation with an emulator's monitor: QMP, see docs/interop/qmp-spec.rst of QEMU. */
export interface Monitor {
  /** Gives the answer to a command; rejects with the emulator's own words. */
  ask(command: string, args?: object): Promise<unknown>
  /** True if the emulator has told of this event of a device. */
  hasTold(event: string, device: string): boolean
  end(): void
}

interface Answer {
  return?: unknown
  error?: { desc: string }
}
interface Told {
  event: string
  data?: { device?: string }
}

export async function openMonitor(path: string): Promise<Monitor> {
  const socket = await waitFor(
    `the emulator's monitor at ${path}`,
    () => connected(path),
    () => true,
    10_000,
    20
  )
  const waiting: ((answer: Answer) => void)[] = []
  const told: Told[] = []
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const message of lines.map((line) => JSON.parse(line) as Answer | Told)) {
      // beside answers and events there is a greeting
      if ('event' in message) told.push(message)
      else if ('return' in message || 'error' in message) waiting.shift()?.(message)
    }
  })
  socket.on('close', () => {
    for (const settle of waiting.splice(0)) settle({ error: { desc: 'the emulator has ended' } })
  })
  const ask = async (command: string, args: object = {}): Promise<unknown> => {
    const answer = new Promise<Answer>((resolve) => waiting.push(resolve))
    socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
    const { error, return: value } = await answer
    if (error) throw new Error(`${command}: ${error.desc}`)
    return value
  }
  await ask('qmp_capabilities')
  const hasTold = (event: string, device: string): boolean =>
    told.some((one) => one.event === event && one.data?.device === device)
  return { ask, hasTold, end: () => socket.destroy() }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      socket.on('error', () => {}) // its end is a close too
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
