import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@joinery/cli/testing/session'
import { type Figure, median, quantile, round, spread } from './figure.ts'
import type { AgentCalls } from './inside/agent.ts'
import { cores, openStage } from './stage.ts'

const times = 50

/** How soon after the operator's approval the agent starts kubeadm. */
export const approval = async (): Promise<Figure[]> => {
  await using stage = await openStage()
  const { server, address, folder } = stage
  const agent = stage.start<AgentCalls>('agent', cores.others)
  const operator = connect(address.socket)
  const latencies: number[] = []
  for (const code of await server.call('codes', times)) {
    await agent.call('join', address, folder, code)
    const pending = (await operator.list()).items.find(({ state }) => state === 'pending')
    if (pending === undefined) throw new Error('no machine waits for approval')
    // its question must have arrived: an answer that is there already is no news
    await sleep(100)
    const called = process.hrtime.bigint()
    await operator.approve(pending.id, { revision: pending.revision, key: pending.key })
    latencies.push(Number((await agent.call('started')) - called) / 1e6)
  }
  await operator.close()
  const floor = median(await server.call('floor', folder, times))
  const ratio = quantile(latencies, 0.99) / floor
  return [
    {
      name: 'approve to kubeadm started',
      measured:
        `${spread(latencies)} (${times} machines, one by one); one durable commit and one Secret p50 ${round(floor)} ms, ` +
        `p99 beside it ${ratio.toFixed(1)}`,
      judged: { 'approve-beside-its-floor': ratio }
    }
  ]
}
