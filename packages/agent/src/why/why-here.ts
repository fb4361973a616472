import { type Files, filesUnder } from '@joinery/host/files'
import type { AgentStatus, Why } from '@joinery/protocol'
import { paths } from '../host/paths.ts'
import { type Journal, JournalFile } from '../journal/journal.ts'
import { nodeNameOf } from '../machine/kubeadm/node-name.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import type { Looking, NodeReadiness } from '../machine/port/looking.ts'
import { readStatus, type StatusPaths } from '../status/read-status.ts'

/** Looks why the Node of this machine is not Ready. It asks no pairing server. */
export const whyHere = async (here: StatusPaths): Promise<Why> => {
  const { stateDirectory, runDirectory } = here
  const files = filesUnder('/')
  const journal = new JournalFile(files, stateDirectory)
  const name = await nodeNameHere(files, journal)
  if (await hasNeverJoined(files, await journal.read())) return neverJoined(await readStatus(here), name, new Date())
  return whyOf(linuxMachine({ runDirectory }).looking, name, new Date())
}

/** The answer of the machine to why its Node is not Ready. `at`: the time of the look. */
export const whyOf = async (looking: Pick<Looking, 'whyNotReady'>, name: string, at: Date): Promise<Why> => {
  const { readiness, causes, unseen } = await looking.whyNotReady(name)
  const time = at.toISOString()
  const why = { name, at: time, ready: readiness.ready, causes, machine: time, ...(unseen.length > 0 && { unseen }) }
  return { ...why, summary: summaryOf(why, readiness) }
}

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

/** The name of this machine's Node: of the agent's journal, else as the machine says. It may have joined without an agent. */
export const nodeNameHere = async (files: Pick<Files, 'read'>, journal: Pick<JournalFile, 'read'>): Promise<string> => {
  const { attempt, joined } = await journal.read()
  return joined?.nodeName ?? attempt?.nodeName ?? nodeNameOf(files)
}

/** The paragraph of a `Why`: whether the Node is Ready, the likeliest cause, and how much more was found. */
export const summaryOf = (
  { name, causes, unseen = [] }: Omit<Why, 'summary'>,
  { ready, unknown, message }: NodeReadiness
): string => {
  const [first, ...others] = causes
  if (ready) return `The Node ${name} is Ready${first === undefined ? '' : `, but ${first.text}`}.`.slice(0, 1024)
  const sentences = [
    unknown ? `It is not known whether the Node ${name} is Ready.` : `The Node ${name} is not Ready.`,
    first === undefined
      ? `This machine shows no cause: ${message || 'nothing is known of the Node'}.`
      : `The likeliest cause: ${first.text}.`,
    ...(others.length === 0
      ? []
      : [
          `${others.length === 1 ? 'One thing more was' : `${others.length} things more were`} found, which it may explain.`
        ]),
    ...(unseen.length === 0 ? [] : ['Not everything could be looked at.'])
  ]
  return sentences.join(' ').slice(0, 1024)
}
