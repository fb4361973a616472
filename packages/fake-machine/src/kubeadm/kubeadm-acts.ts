import { paths } from '@joinery/agent/testing/machine'
import type { Clock } from '@joinery/agent/testing/program'
import type { Files } from '@joinery/host/files'
import { formatTaint, type Taints } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { sharedFiles } from '@joinery/protocol/seal'
import { parse } from 'yaml'
import type { Service } from '../service.ts'
import type { RehearsalEtcd } from './etcd.ts'
import {
  bootstrapFailed,
  discoveryFailed,
  memberRefused,
  refusedConnection,
  type Stage,
  sharedKeysMissing,
  tracesFound
} from './kubeadm-texts.ts'
import { type Bootstrap, readBootstrap } from './kubeconfig.ts'
import { instanceConfig, kubeletFlags } from './kubelet.ts'
import type { KubeletSide } from './kubelet-side.ts'
import { etcdPod } from './static-pods.ts'

export interface ActParts {
  files: Files
  cluster: KubeletSide
  etcd: RehearsalEtcd
  kubelet: Service
  clock: Clock
}

/** The input of kubeadm: a JoinConfiguration, and the discovery file that it names. */
export interface Given {
  nodeName: string
  taints: Taints
  /** Arguments as kubeadm hands them to the kubelet, without the two hyphens. */
  kubeletArgs: readonly KubeletArg[]
  /** Address of the API server. Absent for a worker. */
  address?: string
  kubeconfig: string
  bootstrap: Bootstrap
}

export interface Run extends ActParts, Given {
  signal: AbortSignal
}

/** The end of a kubeadm that gives up, with these lines. */
export class Failure extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.at(-1))
    this.lines = lines
  }
}

/** The act of kubeadm at each stage, after it has printed the stage. */
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

  certs: ({ files }) => files.write(paths.etcdClient, 'made by kubeadm', 0o644),

  kubeconfig: ({ files }) => files.write('/etc/kubernetes/admin.conf', 'made by kubeadm', 0o600),

  manifests: ({ files }) => files.write(`${paths.staticPods}/kube-apiserver.yaml`, 'kind: Pod\n', 0o600),

  'instance-config': ({ files }) =>
    files.write(instanceConfig, 'containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock"\n', 0o644),

  'kubelet-config': async ({ files, nodeName, taints, kubeletArgs }) => {
    const flags = [
      `--hostname-override=${nodeName}`,
      ...kubeletArgs.map(({ name, value }) => `--${name}=${value}`),
      ...(taints.length > 0 ? [`--register-with-taints=${taints.map(formatTaint).join(',')}`] : [])
    ]
    await files.write(paths.kubeletConfig, 'kind: KubeletConfiguration\n', 0o644)
    await files.write(kubeletFlags, `KUBELET_KUBEADM_ARGS="${flags.join(' ')}"\n`, 0o644)
  },

  'kubelet-start': async ({ kubelet, etcd, address }) => {
    kubelet.start()
    if (address === undefined) return
    try {
      etcd.addLearner(address)
    } catch (error) {
      throw new Failure(memberRefused((error as Error).message))
    }
  },

  'etcd-manifest': async ({ files, etcd, address = '', nodeName }) => {
    await files.write(paths.etcdManifest, etcdPod(address, nodeName), 0o600)
    await files.write(`${paths.etcdData}/member/snap/db`, '', 0o600)
    etcd.start(address, nodeName)
  },

  bootstrap: async ({ files, clock, signal }) => {
    for (let seconds = 0; !(await files.exists(paths.kubeletCertificate)); seconds += 1) {
      if (seconds >= timeout) throw new Failure(bootstrapFailed)
      await clock.sleep(1000, signal)
      signal.throwIfAborted()
    }
    await files.remove(paths.bootstrapConf)
  },

  mark: async ({ cluster, clock, nodeName, taints, signal }) => {
    // the kubelet registers it meanwhile
    while ((await cluster.node(nodeName)) === undefined) {
      await clock.sleep(500, signal)
      signal.throwIfAborted()
    }
    // given any, kubeadm sets these and leaves its own away
    await cluster.markControlPlane(nodeName, taints.length > 0 ? taints : undefined)
  }
}

/** kubeadm's default for both waits, in seconds. */
const timeout = 300

/** Fails if there are traces of a join: kubeadm itself refuses a join that was not taken back. */
const requireNoTraces = async ({ files, address }: Run): Promise<void> => {
  const found: string[] = []
  const forRole =
    address === undefined ? [paths.clusterAuthority] : [`${paths.staticPods}/kube-apiserver.yaml`, paths.etcdManifest]
  for (const path of [paths.kubeletConf, paths.bootstrapConf, ...forRole]) {
    if (await files.exists(path)) found.push(path)
  }
  if (found.length > 0) throw new Failure(tracesFound(found))
  if (address === undefined) return
  for (const path of sharedFiles.always.map((name) => `${paths.pki}/${name}`)) {
    if (!(await files.exists(path))) throw new Failure(sharedKeysMissing(path))
  }
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

interface KubeletArg {
  name: string
  value: string
}

interface JoinConfiguration {
  discovery: { file: { kubeConfigPath: string } }
  nodeRegistration: { name: string; taints?: Taints; kubeletExtraArgs?: KubeletArg[] }
  controlPlane?: { localAPIEndpoint: { advertiseAddress: string } }
}

/** Reads the files that the agent wrote. */
export const readGiven = async (files: Files, configuration: string): Promise<Given> => {
  const { discovery, nodeRegistration, controlPlane } = parse(
    (await files.read(configuration)) ?? ''
  ) as JoinConfiguration
  const kubeconfig = (await files.read(discovery.file.kubeConfigPath)) ?? ''
  const { name: nodeName, taints = [], kubeletExtraArgs: kubeletArgs = [] } = nodeRegistration
  const address = controlPlane?.localAPIEndpoint.advertiseAddress
  return {
    nodeName,
    taints,
    kubeletArgs,
    ...given({ address }),
    kubeconfig,
    bootstrap: readBootstrap(kubeconfig)
  }
}
