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

export const operatorOn = (socketPath: string, recorder: Recorder): Operator => {
  const connections = new Agent({ connect: { socketPath }, connections: 8 })
  return {
    ask: (call, reference, body) => {
      const { method, path } = operatorRoutes[call]
      return recorder.record(
        { call, ...(reference !== undefined && { reference }), ...(body && { body }) },
        async () => {
          const answer = await connections.request({
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
    close: () => connections.destroy()
  }
}
