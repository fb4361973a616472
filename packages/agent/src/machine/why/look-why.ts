import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { given } from '@joinery/protocol/given'
import { criSocket } from '../../cri/cri.ts'
import type { Host } from '../../host/host.ts'
import { units } from '../../host/paths.ts'
import type { Looking } from '../port/looking.ts'
import { containerdConfig } from '../preflight/runtime/containerd-config.ts'
import { evidenceLine } from './evidence.ts'
import { isRunning } from './judge/units.ts'
import { seeCertificate } from './see/certificate.ts'
import { seeJournal } from './see/journal.ts'
import { seeNetwork } from './see/network.ts'
import { type CriLooks, seeRuntime, unitOfSocket } from './see/runtime.ts'
import { seeUnits } from './see/units.ts'
import { within } from './see/within.ts'
import type { ApiSeen, DiskSeen, Seen } from './seen.ts'

/** Everything through which one look sees the machine. */
export interface WhyParts extends Pick<Looking, 'nodeReadiness'> {
  files: Pick<Files, 'read' | 'list' | 'stat' | 'exists'>
  exec: Exec
  host: Pick<Host, 'runtime' | 'space' | 'read'>
  cri: CriLooks
  /** Asks the API server with the kubelet's own identity. */
  api: (name: string) => Promise<ApiSeen>
  /** Time of day of the machine, in milliseconds since 1970. */
  now: () => number
  /** Milliseconds since boot. */
  monotonic: () => number
}

/** The result of one look, and a sentence for each thing that could not be looked at. */
export interface Looked {
  seen: Seen
  unseen: string[]
}

/** Milliseconds that one of the looks may take. They go on side by side, so that all of them take less than a minute. */
const patience = 25_000

/**
 * Looks at everything that may keep the Node from being Ready. It only reads, and never rejects: a look that fails or takes too long is a
 * sentence of `unseen`.
 */
export const lookWhy = async (parts: WhyParts, name: string, skew?: number): Promise<Looked> => {
  const { files, exec, host, cri } = parts
  const unseen: string[] = []
  const look = async <T, Instead>(what: string, seeing: Promise<T>, instead: Instead): Promise<T | Instead> => {
    try {
      return await within(patience, seeing)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      unseen.push(evidenceLine(`${what}: ${reason}`.replace(/\s+/g, ' ')))
      return instead
    }
  }

  const socket = await criSocket(files).catch(() => '/run/containerd/containerd.sock')
  const names = [units.kubelet, unitOfSocket(socket)]
  const [node, [kubelet, runtimeUnit], runtime, disks, network, certificate, api] = await Promise.all([
    look('the Node', parts.nodeReadiness(name), { ready: false, message: '', unknown: true } as const),
    look('the units of kubelet and container runtime', seeUnits(exec, names, parts.monotonic()), []),
    look(
      'the container runtime',
      seeRuntime(socket, () => host.runtime()),
      undefined
    ),
    look('the disks', seeDisks(host), []),
    look('the configuration of the network plugin', seeNetwork(files), undefined),
    look('the certificate of the kubelet', seeCertificate(files), undefined),
    look('the API server', parts.api(name), undefined)
  ])
  // a runtime that is silent is not asked again
  const answers = runtime?.answer === 'ready'
  const [kubeletLines, runtimeLines, problem, containers] = await Promise.all([
    look('the journal of the kubelet', seeJournal(exec, units.kubelet, isRunning(kubelet)), []),
    look('the journal of the container runtime', seeJournal(exec, unitOfSocket(socket), answers), []),
    answers ? look('the network of Pods', cri.network(), 'not asked' as const) : undefined,
    answers ? look('the containers', cri.containers(), []) : []
  ])
  return {
    seen: {
      node,
      ...given({ kubelet, certificate, api, skew }),
      ...(runtime && { runtime: { ...runtime, ...given({ unit: runtimeUnit }) } }),
      lines: { kubelet: kubeletLines, runtime: runtimeLines },
      disks,
      // a runtime that did not say how its network is says nothing good of it
      ...(network && problem !== 'not asked' && { network: { ...network, ...given({ problem }) } }),
      containers,
      now: parts.now()
    },
    unseen
  }
}

const seeDisks = async (host: WhyParts['host']): Promise<DiskSeen[]> => {
  const { root } = await containerdConfig(host)
  const paths = ['/', '/etc', '/var/lib/kubelet', root]
  return Promise.all(paths.map(async (path) => ({ path, space: await host.space(path) })))
}
