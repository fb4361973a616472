import { readFile } from 'node:fs/promises'
import { toJson } from '@joinery/host/text/json'
import {
  awaitsReady,
  hasEnded,
  hasFailed,
  isFrozen,
  isReady,
  isRecovering,
  type State,
  statesThat,
  version
} from '@joinery/protocol'
import type { OperatorClient, SeenEnrolment, SeenNode } from '../operator-client.ts'
import { NoAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Source } from './collect.ts'
import { maskConfig } from './mask-config.ts'

/** Numbers of items in a bundle: of a list, and of machines of which everything is read. */
const itemsAtMost = 500
const machinesAtMost = 50
const causesAtMost = 10

/** Last lines of the log of the server. */
const linesAtMost = 500

export interface SourceParts {
  client: OperatorClient
  terminal: Terminal
  /** Reads the doctor's report. */
  doctor(): Promise<object>
}

/**
 * Everything that goes into a bundle, in its order. The server is asked for its state first: if it does not answer, it is asked for
 * nothing else.
 */
export const sourcesOf = ({ client, terminal, doctor }: SourceParts): (Source | (() => Source[]))[] => {
  let outage: Error | undefined
  let machines: SeenEnrolment[] = []
  let nodes: SeenNode[] = []
  const asked = (name: string, about: string, ask: () => Promise<object>): Source => ({
    name,
    about,
    read: async () => {
      if (outage !== undefined) throw outage
      return toJson(await ask())
    }
  })
  const status = async (): Promise<object> => {
    try {
      return await client.status()
    } catch (error) {
      if (error instanceof NoAnswer) outage = error
      throw error
    }
  }
  const unsettled = async (): Promise<object> => {
    machines = await listUnsettled(client)
    return { items: machines }
  }
  const traced = async (): Promise<object> => {
    const answer = await client.listNodes({ limit: `${itemsAtMost}` })
    nodes = answer.items
    return answer
  }
  return [
    {
      name: 'versions.json',
      about: 'versions of this command and of its runtime',
      read: async () => toJson(versions())
    },
    // at hand, and what is wanted most if the server does not answer
    ...ofHost(client, terminal),
    asked('status.json', 'state of the pairing server, with its last alerts', status),
    asked('codes.json', 'codes, without the codes themselves', () => client.listCodes({ limit: `${itemsAtMost}` })),
    asked('enrolments.json', 'machines that are on their way, or failed', unsettled),
    asked('nodes.json', 'Nodes of the cluster, each with its enrolment', traced),
    () =>
      idsOf(machines, nodes, machinesAtMost).map((id) =>
        asked(`enrolments/${fileName(id)}.json`, 'evidence, attempts and timeline of a machine', () => client.show(id))
      ),
    () =>
      idsOf(machines.filter(isNotReady), nodes, causesAtMost).map((id) =>
        asked(`why/${fileName(id)}.json`, 'why its Node is not Ready', () => client.why(id))
      ),
    { name: 'doctor.json', about: 'report of joinery cluster doctor', read: async () => toJson(await doctor()) }
  ]
}

const versions = (): object => ({
  joinery: version,
  node: process.version,
  platform: process.platform,
  processor: process.arch
})

/** Questions about trouble, the worst first. */
const trouble = [hasFailed, isFrozen, isRecovering, awaitsReady]

/** States in which something is left to do, those with trouble first. */
const unsettledStates: readonly State[] = [
  ...trouble.flatMap(statesThat),
  ...statesThat((one) => ![...trouble, isReady, hasEnded].some((question) => question(one)))
]

const listUnsettled = async (client: Pick<OperatorClient, 'list'>): Promise<SeenEnrolment[]> => {
  const items: SeenEnrolment[] = []
  for (const state of unsettledStates) {
    const left = itemsAtMost - items.length
    if (left > 0) items.push(...(await client.list({ state, limit: `${left}` })).items)
  }
  return items
}

const isNotReady = ({ node }: SeenEnrolment): boolean => node !== undefined && node.condition !== 'Ready'

/** Ids of these machines, and of Nodes that are not Ready, each once. */
const idsOf = (machines: readonly SeenEnrolment[], nodes: readonly SeenNode[], atMost: number): string[] => {
  const ofNodes = nodes.flatMap(({ condition, enrolment }) =>
    condition === 'Ready' || enrolment === undefined ? [] : [enrolment.id]
  )
  return [...new Set([...machines.map(({ id }) => id), ...ofNodes])].slice(0, atMost)
}

const fileName = (id: string): string => id.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 60)

/** Files of the host of the pairing server. Over the cluster there are none. */
const ofHost = ({ door }: Pick<OperatorClient, 'door'>, terminal: Terminal): Source[] => {
  const { exec, root, configuration } = terminal
  const here = (name: string, about: string, read: () => Promise<string>): Source => ({
    name,
    about,
    read: async () => {
      if (door === 'cluster') throw new Error('only on the host of the pairing server: sudo joinery bundle')
      if (root !== true) throw new Error('only root may read it: run it as root (sudo)')
      return read()
    }
  })
  // a program that hangs must not hold up the others
  const run = (...argv: string[]) => exec(['timeout', '20', ...argv])
  return [
    here('server.yaml', 'configuration of the pairing server, without secrets and comments', async () => {
      if (configuration === undefined) throw new Error('there is none here')
      return maskConfig(await readFile(configuration, 'utf8'))
    }),
    here('unit.txt', "state of the server's unit", () =>
      run(
        'systemctl',
        'show',
        '--property=ActiveState,SubState,Result,ExecMainStatus,NRestarts,MemoryPeak',
        'joinery-server'
      )
    ),
    here('journal.txt', `last ${linesAtMost} lines of the server's log`, () =>
      run('journalctl', '--unit=joinery-server', `--lines=${linesAtMost}`, '--no-pager', '--output=short-iso')
    )
  ]
}
