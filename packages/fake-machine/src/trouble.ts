import type { ContainerSeen, WhyParts } from '@joinery/agent/testing/debian'
import { paths, units } from '@joinery/agent/testing/machine'
import type { Clock } from '@joinery/agent/testing/program'
import { errorCode } from '@joinery/host/connection-problem'
import type { KubeletSide } from './kubeadm/kubelet-side.ts'
import type { MemoryFiles } from './memory-files.ts'
import type { Service } from './service.ts'

/** The faults of a rehearsal machine that keep its Node from being Ready. A test sets them, and takes them back. */
export interface Trouble {
  /** The lines of the journals, the oldest first. */
  journal: { kubelet: string[]; containerd: string[] }
  /** Units whose program was stopped, or ends at its start again and again. */
  units: Partial<Record<'kubelet' | 'containerd', 'stopped' | 'ends'>>
  /** Paths whose disk is full. */
  fullDisks: string[]
  /** Containers of the system that end with an error. */
  containers: ContainerSeen[]
  /** Milliseconds by which the API server's clock is ahead of this machine's. */
  apiAhead: number
}

export const noTrouble = (): Trouble => ({
  journal: { kubelet: [], containerd: [] },
  units: {},
  fullDisks: [],
  containers: [],
  apiAhead: 0
})

export interface TroubleParts {
  trouble: Trouble
  files: MemoryFiles
  cluster: KubeletSide
  clock: Clock
}

/** The looks of `whyNotReady` at a rehearsal machine that are no files and no commands. */
export const playedLooks = ({
  trouble,
  files,
  cluster,
  clock
}: TroubleParts): Pick<WhyParts, 'cri' | 'api' | 'now' | 'monotonic'> => ({
  cri: {
    network: async () => {
      const [first = ''] = await files.list(paths.cniConfigurations)
      const text = (await files.read(`${paths.cniConfigurations}/${first}`)) ?? ''
      return isJson(text)
        ? undefined
        : 'NetworkPluginNotReady: Network plugin returns error: cni plugin not initialized'
    },
    containers: async () => trouble.containers
  },
  api: async (name) => {
    if (!(await files.exists(paths.kubeletCertificate))) throw new Error(`there is no ${paths.kubeletCertificate}`)
    const { server } = cluster
    const host = new URL(server).hostname
    try {
      const node = await cluster.node(name)
      return { server, host, status: node === undefined ? 404 : 200, date: clock.now() + trouble.apiAhead }
    } catch (error) {
      return { server, host, code: errorCode(error) || 'ECONNREFUSED', problem: 'refuses the connection' }
    }
  },
  now: () => clock.now(),
  monotonic: () => clock.monotonic()
})

const isJson = (text: string): boolean => {
  try {
    return Boolean(JSON.parse(text))
  } catch {
    return false
  }
}

/** Plays `systemctl show` of the kubelet and of containerd. */
export const playedUnits = (trouble: Trouble, kubelet: Service): string =>
  [
    unitText(units.kubelet, trouble.units.kubelet ?? stateOf(kubelet)),
    unitText(units.containerd, trouble.units.containerd ?? 'runs')
  ].join('\n')

/** Plays `journalctl` of a unit. Undefined for a unit without a journal. */
export const playedJournal = ({ journal }: Trouble, argv: readonly string[]): string | undefined => {
  const lines = argv.includes(`--unit=${units.kubelet}`)
    ? journal.kubelet
    : argv.includes(`--unit=${units.containerd}`)
      ? journal.containerd
      : undefined
  const [, count = '0'] = /--lines=(\d+)/.exec(argv.join(' ')) ?? []
  return lines
    ?.slice(-Number(count))
    .map((line) => `${line}\n`)
    .join('')
}

type UnitState = 'runs' | 'stopped' | 'ends'

/** A process that runs is `activating` to the rehearsal: it is played as a service that ends. */
const stateOf = (service: Service): UnitState => {
  if (service.state === 'inactive') return 'stopped'
  return service.state === 'failed' ? 'ends' : 'runs'
}

const unitText = (unit: string, state: UnitState): string => {
  const properties = {
    runs: 'ActiveState=active\nSubState=running\nResult=success\nNRestarts=0\nExecMainStatus=0',
    stopped: 'ActiveState=inactive\nSubState=dead\nResult=success\nNRestarts=0\nExecMainStatus=0',
    ends: 'ActiveState=activating\nSubState=auto-restart\nResult=exit-code\nNRestarts=3\nExecMainStatus=1'
  }
  return `Id=${unit}\nLoadState=loaded\n${properties[state]}\nActiveEnterTimestampMonotonic=0\n`
}
