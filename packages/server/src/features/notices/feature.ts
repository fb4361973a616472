import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../../core/base/budgets.ts'
import { Log } from '../../core/base/log.ts'
import { also, once } from '../../core/base/parts.ts'
import { Worker } from '../../core/base/worker.ts'
import { Follower } from '../../core/commit/commits.ts'
import { common } from '../../core/common.ts'
import type { ServerConfig } from '../../core/config/config.ts'
import { NodeEvents } from '../../core/ports/cluster/node-events.ts'
import { NoticeCounts } from '../../core/ports/notice-counts.ts'
import { NoticeQueue } from '../../core/ports/store/notice-queue.ts'
import { OperatorAnswers } from '../../core/services/answers.ts'
import { Tell } from '../../core/services/told.ts'
import { NodeEventTeller } from './node-events/node-events.ts'
import { readCollector, readReceivers } from './read-receivers.ts'
import { Send, sendOnce } from './send.ts'
import { Traces } from './traces/traces.ts'
import { Webhooks, webhookRemedies } from './webhooks.ts'

/** Tells receivers, a collector of traces and the Nodes of the cluster what happens. */
export const notices = async (container: DependencyContainer, config: ServerConfig): Promise<void> => {
  const [receivers, collector] = await Promise.all([readReceivers(config), readCollector(config)])
  once(container, Send, () => sendOnce)
  const sending = (c: DependencyContainer) => ({
    ...common(c),
    queue: c.resolve(NoticeQueue),
    send: c.resolve(Send),
    budget: c.resolve(Budgets).notices
  })
  once(container, Webhooks, (c) => new Webhooks({ ...sending(c), receivers }))
  once(container, Traces, (c) => new Traces({ ...sending(c), collector }))
  also(container, Follower, (c) => ({
    name: 'webhooks and traces',
    take: ({ change: { entries = [] } }) => {
      if (entries.length === 0) return
      c.resolve(Webhooks).nudge()
      c.resolve(Traces).nudge()
    }
  }))
  once(container, NoticeCounts, (c) => () => c.resolve(Webhooks).counts())
  also(container, OperatorAnswers, (c) => {
    const webhooks = c.resolve(Webhooks)
    return {
      listWebhooks: () => webhooks.list(),
      testWebhooks: ({ body }) => webhooks.test(body),
      resendWebhooks: ({ body }) => webhooks.resend(body)
    }
  })
  also(container, Tell, (c) => async () => {
    const counts = await c.resolve(Webhooks).counts()
    return { rows: { ...(counts.length > 0 && { webhooks: counts }) }, remedies: webhookRemedies(counts) }
  })
  also(container, Worker, (c) => c.resolve(Webhooks))
  also(container, Worker, (c) => c.resolve(Traces))
  nodeEvents(container)
}

/** Puts Events on Nodes, if the program has where to. */
const nodeEvents = (container: DependencyContainer): void => {
  once(container, NodeEventTeller, (c) => new NodeEventTeller({ events: c.resolve(NodeEvents), log: c.resolve(Log) }))
  also(container, Follower, (c) => ({
    name: 'Events on Nodes',
    take: ({ change }) => {
      if (c.isRegistered(NodeEvents)) c.resolve(NodeEventTeller).note(change)
    }
  }))
  also(container, Worker, (c) => ({
    start: async (stop) => (c.isRegistered(NodeEvents) ? c.resolve(NodeEventTeller).start(stop) : undefined)
  }))
}
