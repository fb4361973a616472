import type { Files } from '@joinery/host/files'
import type { AgentStatus, Why } from '@joinery/protocol'
import { paths } from '../host/paths.ts'
import type { Journal } from '../journal/journal.ts'

/** True if the agent has begun no join, and nothing of a kubelet that has joined by other means is there. */
export const hasNeverJoined = async (
  files: Pick<Files, 'exists'>,
  { attempt, joined, failures = [] }: Journal
): Promise<boolean> => {
  if (attempt !== undefined || joined !== undefined || failures.length > 0) return false
  const traces = [paths.kubeletConf, paths.bootstrapConf, paths.kubeletCertificate]
  return (await Promise.all(traces.map(files.exists))).every((isThere) => !isThere)
}

/** The answer of a machine that has never joined: it has no Node, and only its agent can say what it waits for. */
export const neverJoined = (
  { agent, message, remedy: [remedy], enrolment }: Pick<AgentStatus, 'agent' | 'message' | 'remedy' | 'enrolment'>,
  name: string,
  at: Date
): Why => {
  const todo = remedy === undefined ? '' : `; ${remedy}`
  return {
    name: enrolment?.name ?? name,
    at: at.toISOString(),
    ready: false,
    summary:
      `This machine has never joined a cluster, so it has no Node. Its agent (${agent}): ${message}${todo}`.slice(
        0,
        1024
      ),
    causes: [],
    machine: at.toISOString()
  }
}
