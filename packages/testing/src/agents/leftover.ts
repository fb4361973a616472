import type { Pairing } from '../pairing/pairing.ts'
import { type AgentMachine, onceAt } from './agents.ts'
import { approvePending, reaches } from './outcomes.ts'

/**
 * Ready once by its agent, which has ended; then an operator rejected it, before the cluster could confirm that it is Ready,
 * and its Node was deleted. `stays`: the server may not delete it, and what happens to it in place of that.
 */
export const becomeLeftover = async (
  pairing: Pairing,
  open: AgentMachine,
  stays?: () => Promise<void>
): Promise<void> => {
  const { cluster, operator } = pairing
  await open.putCode()
  onceAt(open, 'await-node: before server.outcome', () => cluster.goDown())
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  await operator.reject(open.name, { reason: 'it is to leave' })
  if (stays !== undefined) cluster.deleteNode = async () => {}
  await cluster.comeBack()
  await reaches(pairing, open.name, 'rejected')
  await pairing.reconcile()
  await stays?.()
  open.watch = () => {}
  open.steps.length = 0
  open.said.length = 0
}
