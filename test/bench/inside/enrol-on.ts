import { agentRoutes } from '@joinery/protocol'
import type { AgentConnection } from './connection.ts'

/** Does this for each of these, `lanes` at a time. */
export const inLanes = async <T>(all: T[], lanes: number, work: (one: T) => Promise<void>): Promise<void> => {
  const lane = async () => {
    for (let one = all.pop(); one !== undefined; one = all.pop()) await work(one)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** Enrols by this body, which is new to the server. */
export const enrolOn = async (connection: AgentConnection, body: string): Promise<{ id: string; revision: number }> => {
  const answer = await connection.request('POST', agentRoutes.enrol.path, body)
  if (answer.status !== 201) throw new Error(`answered ${answer.status}: ${answer.body}`)
  return JSON.parse(answer.body)
}
