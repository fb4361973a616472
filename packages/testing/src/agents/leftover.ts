import type { Pairing } from '../pairing/pairing.ts'
import { type AgentMachine, onceAt } from './agents.ts'
import { approvePending, reaches } from './outcomes.ts'

/**
 * Makes the machine's Node a leftover. The agent ended after it was ready once; then an operator rejected the enrolment
 * before the cluster could confirm that the Node is Ready, and the Node was deleted. With `stays` the server may not
 * delete the Node, and `stays` happens in place of that.
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
