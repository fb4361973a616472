import { operatorRoutes } from '@joinery/protocol'
import { Agent } from 'undici'
import type { Exchange } from './history.ts'
import type { Recorder } from './recorder.ts'

export type OperatorCall = keyof typeof operatorRoutes

/** An operator who writes down what is answered, and what is not. */
export interface Operator {
  /** `reference`: an id. */
  ask(call: OperatorCall, reference?: string, body?: object): Promise<Exchange>
  close(): Promise<void>
}

/** For an answer, in milliseconds. */
const patience = 8000

/** `server`: the one that is asked, which may be another one each time. */
export const operatorOn = (server: { readonly socket: string }, recorder: Recorder): Operator => {
  const pools = new Map<string, Agent>()
  const connectionsTo = (socketPath: string): Agent => {
    const pool = pools.get(socketPath) ?? new Agent({ connect: { socketPath }, connections: 8 })
    pools.set(socketPath, pool)
    return pool
  }
  return {
    ask: (call, reference, body) => {
      const { method, path } = operatorRoutes[call]
      return recorder.record(
        { call, ...(reference !== undefined && { reference }), ...(body && { body }) },
        async () => {
          const answer = await connectionsTo(server.socket).request({
            origin: 'http://joinery-server',
            method,
            path: path.replace(':reference', reference ?? ''),
            signal: AbortSignal.timeout(patience),
            ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
          })
          return { status: answer.statusCode, body: await answer.body.text() }
        }
      )
    },
    close: async () => {
      for (const pool of pools.values()) await pool.destroy()
    }
  }
}
