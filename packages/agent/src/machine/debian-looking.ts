import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { given } from '@joinery/protocol/given'
import type { Host } from '../host/host.ts'
import { paths } from '../host/paths.ts'
import { chosenAddress } from '../network/kubelet-address.ts'
import { networkTraces } from '../network/network-traces.ts'
import { controlPlaneImages, type Images } from './images.ts'
import { explainFailure } from './kubeadm/explain-failure.ts'
import { joinIsAlive, joinOutput, joinUnit } from './kubeadm/join-unit.ts'
import { isKubeconfig } from './kubeadm/kubeconfig.ts'
import { kubeletCertificate } from './kubeadm/kubelet-certificate.ts'
import { keysInTheWay } from './kubeadm/shared-keys.ts'
import type { JoinState, Looking } from './port/looking.ts'
import { checksFor, runChecks } from './preflight/run-checks.ts'
import { containerdConfig } from './preflight/runtime/containerd-config.ts'
import type { WhyParts } from './why/look-why.ts'

export interface LookingParts extends Pick<Looking, 'facts' | 'nodeReadiness'> {
  files: Files
  exec: Exec
  host: Host
  /** The agent's folder on tmpfs, 0700. */
  runDirectory: string
  images: Images
  /** The looks of `whyNotReady` that are no files and no commands. */
  why: Pick<WhyParts, 'cri' | 'api' | 'now' | 'monotonic'>
}

/**
 * Looks at a Debian-like machine with systemd and kubeadm, by its files and commands. Tests may give others than the
 * real ones.
 */
export const debianLooking = (parts: LookingParts): Looking => {
  const { files, exec, host, runDirectory, images } = parts
  return {
    facts: parts.facts,
    preflight: (input) => runChecks(host, checksFor(input), input),
    joinState: () => joinState(files, exec, runDirectory),
    networkTraces: () => networkTraces(files, exec),
    nodeAddress: async (nodeName) => (await chosenAddress(host, nodeName))?.address,
    missingImages: async (of) => {
      const missing: string[] = []
      for (const image of await controlPlaneImages(exec, of)) if (!(await images.has(image))) missing.push(image)
      return missing
    },
    hasImage: (image) => images.has(image),
    imageSpace: async () => host.space((await containerdConfig(host)).root),
    keysInTheWay: (keys) => keysInTheWay(files, keys),
    nodeReadiness: parts.nodeReadiness,
    // loaded late: a machine that waits for its approval needs none of it
    whyNotReady: async (name, skew) => {
      const { whyNotReady } = await import('./why/why-not-ready.ts')
      return whyNotReady({ ...parts.why, files, exec, host, nodeReadiness: parts.nodeReadiness }, name, skew)
    },
    explainFailure: (output) => explainFailure(exec, output)
  }
}

/** The unit is asked first: what kubeadm left when it came to its end must not be older than that end. */
const joinState = async (files: Files, exec: Exec, runDirectory: string): Promise<JoinState> => {
  const unit = (await joinIsAlive(files)) ? 'running' : await joinUnit(exec)
  const [output, bootstrapConf, kubeletConf, certificate] = await Promise.all([
    joinOutput(files, runDirectory),
    files.exists(paths.bootstrapConf),
    files.read(paths.kubeletConf).then(isKubeconfig),
    kubeletCertificate(files)
  ])
  return { unit, output, bootstrapConf, kubeletConf, ...given({ certificate }) }
}
