import { type AgentMachine, onceAt } from './agents.ts'
import { approvePending, reaches } from './outcomes.ts'
import type { Pairing } from './pairing.ts'

/**
 * Ready once by its agent, which has ended; then an operator rejected it, before the cluster could confirm that it is Ready,
 * and deleted its Node. `gone`: what was done with the Node.
 */
export const becomeLeftover = async (
  pairing: Pairing,
  open: AgentMachine,
  gone = (): Promise<void> => pairing.cluster.deleteNodeAsAdmin(open.name)
): Promise<void> => {
  const { cluster, operator } = pairing
  await open.putCode()
  onceAt(open, 'await-node: before server.outcome', () => cluster.goDown())
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  await operator.reject(open.name, { reason: 'it is to leave' })
  await cluster.comeBack()
  await reaches(pairing, open.name, 'rejected')
  await gone()
  open.watch = () => {}
  open.steps.length = 0
  open.said.length = 0
}
