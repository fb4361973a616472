import type { Connection } from '@joinery/kube'

/** One request that the server sends to the API server as itself, by dry run. */
export interface Probe {
  what: string
  /** Part of the words of the refusal: what must refuse the request. Undefined if the request must be allowed. */
  refusedBy?: string
  /** Sends the request. Returns the words of the refusal, or undefined if the API server would allow it. */
  ask(server: Connection): Promise<string | undefined>
}

/** Lines about what is not as it must be, one for each gap. Empty if everything is proven. */
export const gapsOf = async (server: Connection, probes: readonly Probe[]): Promise<string[]> =>
  (await Promise.all(probes.map(async (probe) => judgeAnswer(probe, await probe.ask(server))))).flat()

/** Faults of the answer to a probe. Empty if the answer is as it must be. */
export const judgeAnswer = ({ what, refusedBy }: Omit<Probe, 'ask'>, refusal: string | undefined): string[] => {
  if (refusal === undefined) return refusedBy === undefined ? [] : [`${what} is not refused`]
  if (refusedBy === undefined) return [`${what} is refused: ${refusal}`]
  // RBAC that is not there yet refuses too, and proves nothing about a policy
  return refusal.includes(refusedBy) ? [] : [`${what} is refused by something else: ${refusal}`]
}
