import { agentRoutes } from '@joinery/protocol'
import type { AgentConnection } from './connection.ts'

/** Does this for each code, `lanes` at a time. */
export const inLanes = async (codes: string[], lanes: number, work: (code: string) => Promise<void>): Promise<void> => {
  const lane = async () => {
    for (let code = codes.pop(); code !== undefined; code = codes.pop()) await work(code)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** Enrols by this body, which is new to the server. */
export const enrolOn = async (connection: AgentConnection, body: string): Promise<{ id: string; revision: number }> => {
  const answer = await connection.request('POST', agentRoutes.enrol.path, body)
  if (answer.status !== 201) throw new Error(`answered ${answer.status}: ${answer.body}`)
  return JSON.parse(answer.body)
}
