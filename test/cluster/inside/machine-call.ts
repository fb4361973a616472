import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { MachinePorts } from '@joinery/agent/testing/machine'
import { linuxMachine } from '@joinery/agent/testing/machine'

/** One call of a port of the machine, as JSON: by a socket, as a credential is no argument of a command. */
export interface Call {
  port: keyof MachinePorts
  method: string
  args: unknown[]
}

/** What it gave, or what it threw. */
export type Answer = { value: unknown } | { error: string }

const machine = linuxMachine({ runDirectory: '/run/joinery-agent' })

const answer = async (connection: Socket): Promise<Answer> => {
  // the answer is still to be written to it
  const { port, method, args } = JSON.parse(await text(connection.iterator({ destroyOnReturn: false }))) as Call
  const methods = machine[port] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  return (methods[method] as (typeof methods)[string])(...args).then(
    // JSON knows no undefined
    (value) => ({ value: value ?? null }),
    (error) => ({ error: `${error.stack}` })
  )
}

/** Runs on the machine itself until that goes off: a connection is one call, half closed after it. The argument is the socket. */
const [, , socket] = process.argv
createServer({ allowHalfOpen: true }, async (connection) => {
  connection.on('error', () => {})
  connection.end(JSON.stringify(await answer(connection)))
}).listen(socket)
