import type { agentRoutes } from '@joinery/protocol'

type AgentCall = keyof typeof agentRoutes

/** Counts the requests of agents with fields that this server does not know, since the start, by call. */
export class UnknownFields {
  readonly #counts = new Map<AgentCall, number>()

  count(call: AgentCall): void {
    this.#counts.set(call, (this.#counts.get(call) ?? 0) + 1)
  }

  get totals(): [call: AgentCall, count: number][] {
    return [...this.#counts]
  }
}
