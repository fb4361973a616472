import { formatTaint, type Taints } from '@joinery/protocol'
import { parse } from 'yaml'
import type { Clock } from '../../clock.ts'
import type { Files } from '../files.ts'
import { paths } from '../paths.ts'
import { bootstrapFailed, discoveryFailed, refusedConnection, type Stage, tracesFound } from './kubeadm-texts.ts'
import { type Bootstrap, readBootstrap } from './kubeconfig.ts'
import { instanceConfig, kubeletConfig, kubeletFlags } from './kubelet.ts'
import type { KubeletSide } from './kubelet-side.ts'
import type { Service } from './service.ts'

export interface ActParts {
  files: Files
  cluster: KubeletSide
  kubelet: Service
  clock: Clock
}

/** What kubeadm was given: a JoinConfiguration, and the discovery file that it names. */
export interface Given {
  nodeName: string
  taints: Taints
  kubeconfig: string
  bootstrap: Bootstrap
}

export interface Run extends ActParts, Given {
  signal: AbortSignal
}

/** kubeadm gives up, with these lines. */
export class Failure extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.at(-1))
    this.lines = lines
  }
}

/** What kubeadm does at a stage, after it has printed it. */
export const acts: Partial<Record<Stage, (run: Run) => Promise<void>>> = {
  preflight: async (run) => {
    await requireNoTraces(run)
    await discover(run)
  },

  configuration: async ({ files, kubelet, kubeconfig, bootstrap }) => {
    await files.write(paths.bootstrapConf, kubeconfig, 0o600)
    await files.write(paths.clusterAuthority, bootstrap.certificateAuthority, 0o644)
    await kubelet.stop()
  },

  'instance-config': ({ files }) =>
    files.write(instanceConfig, 'containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock"\n', 0o644),

  'kubelet-config': async ({ files, nodeName, taints }) => {
    const flags = [
      `--hostname-override=${nodeName}`,
      ...(taints.length > 0 ? [`--register-with-taints=${taints.map(formatTaint).join(',')}`] : [])
    ]
    await files.write(kubeletConfig, 'kind: KubeletConfiguration\n', 0o644)
    await files.write(kubeletFlags, `KUBELET_KUBEADM_ARGS="${flags.join(' ')}"\n`, 0o644)
  },

  'kubelet-start': async ({ kubelet }) => kubelet.start(),

  bootstrap: async ({ files, clock, signal }) => {
    for (let seconds = 0; !(await files.exists(paths.kubeletCertificate)); seconds += 1) {
      if (seconds >= timeout) throw new Failure(bootstrapFailed)
      await clock.sleep(1000, signal)
      signal.throwIfAborted()
    }
    await files.remove(paths.bootstrapConf)
  }
}

/** kubeadm's default for both waits, in seconds. */
const timeout = 300

/** A join that was not taken back is refused by kubeadm itself. */
const requireNoTraces = async ({ files }: Run): Promise<void> => {
  const found: string[] = []
  for (const path of [paths.kubeletConf, paths.bootstrapConf, paths.clusterAuthority]) {
    if (await files.exists(path)) found.push(path)
  }
  if (found.length > 0) throw new Failure(tracesFound(found))
}

const discover = async ({ cluster, bootstrap: { server, user }, clock, signal }: Run): Promise<void> => {
  for (let seconds = 0; ; seconds += 5) {
    try {
      if (server !== cluster.server) throw new Error(refusedConnection(server))
      return await cluster.discover(user)
    } catch (error) {
      if (seconds >= timeout) throw new Failure(discoveryFailed((error as Error).message))
    }
    await clock.sleep(5000, signal)
    signal.throwIfAborted()
  }
}

interface JoinConfiguration {
  discovery: { file: { kubeConfigPath: string } }
  nodeRegistration: { name: string; taints?: Taints }
}

/** Reads what the agent wrote. */
export const readGiven = async (files: Files, configuration: string): Promise<Given> => {
  const { discovery, nodeRegistration } = parse((await files.read(configuration)) ?? '') as JoinConfiguration
  const kubeconfig = (await files.read(discovery.file.kubeConfigPath)) ?? ''
  const { name: nodeName, taints = [] } = nodeRegistration
  return { nodeName, taints, kubeconfig, bootstrap: readBootstrap(kubeconfig) }
}
