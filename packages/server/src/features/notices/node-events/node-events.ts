import type { Logger } from '../../../core/base/log.ts'
import { Nap } from '../../../core/base/nap.ts'
import type { NodeEvent, NodeEvents } from '../../../core/ports/cluster/node-events.ts'
import type { Change } from '../../../core/ports/store/change.ts'
import { nodeEventsOf } from './events-of.ts'

/** Events that wait. Further ones push out the oldest: they are for people who look, and the audit log has all. */
const waitingAtMost = 100

/**
 * Tells Kubernetes on each Node when it is ready, was removed, or must not be. It is best effort: an Event is tried once, behind the
 * commit of what it says, and no decision waits for it.
 */
export class NodeEventTeller {
  readonly #events: NodeEvents
  readonly #log: Logger
  readonly #nap = new Nap()
  #waiting: NodeEvent[] = []
  #trouble: string | undefined

  constructor({ events, log }: { events: NodeEvents; log: Logger }) {
    this.#events = events
    this.#log = log
  }

  /** Notes what a committed change says of Nodes. */
  note(change: Change): void {
    const fresh = nodeEventsOf(change)
    if (fresh.length === 0) return
    this.#waiting = [...this.#waiting, ...fresh].slice(-waitingAtMost)
    this.#nap.wake()
  }

  /** Tells Kubernetes until `signal`, one Event at a time. */
  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [event, ...others] = this.#waiting
      this.#waiting = others
      if (event === undefined) await this.#nap.sleep(60_000, signal)
      else await this.#put(event)
    }
  }

  async #put(event: NodeEvent): Promise<void> {
    try {
      await this.#events.put(event)
      this.#trouble = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== this.#trouble)
        this.#log.warn({ reason }, 'an Event on a Node was not made; run joinery-server setup again')
      this.#trouble = reason
    }
  }
}
