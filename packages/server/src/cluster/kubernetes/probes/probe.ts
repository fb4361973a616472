import type { Connection } from '@joinery/kube'

/** One thing that is asked of the API server by dry run, as the server itself. */
export interface Probe {
  what: string
  /** Part of the refusal's words: what must refuse it. Undefined where it must be allowed. */
  refusedBy?: string
  /** The words of the refusal; undefined where it would be let through. */
  ask(server: Connection): Promise<string | undefined>
}

/** What is not as it must be, a line each; empty where all is proven. */
export const gapsOf = async (server: Connection, probes: readonly Probe[]): Promise<string[]> =>
  (await Promise.all(probes.map(async (probe) => judgeAnswer(probe, await probe.ask(server))))).flat()

/** What is wrong with the answer to a probe; nothing where it is as it must be. */
export const judgeAnswer = ({ what, refusedBy }: Omit<Probe, 'ask'>, refusal: string | undefined): string[] => {
  if (refusal === undefined) return refusedBy === undefined ? [] : [`${what} is not refused`]
  if (refusedBy === undefined) return [`${what} is refused: ${refusal}`]
  // RBAC that is not there yet refuses too, and proves nothing of a policy
  return refusal.includes(refusedBy) ? [] : [`${what} is refused by something else: ${refusal}`]
}
