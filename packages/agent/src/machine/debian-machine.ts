import type { OpenEtcd } from '@joinery/etcd/etcd.ts'
import type { Exec } from '@joinery/host/exec.ts'
import type { Files } from '@joinery/host/files.ts'
import { leaveEtcd } from './control-plane/leave-etcd.ts'
import { startEtcd } from './control-plane/start-etcd.ts'
import type { Host } from './host/host.ts'
import { paths, units } from './host/paths.ts'
import { controlPlaneImages, type Images } from './images.ts'
import { closeJoin } from './kubeadm/close-join.ts'
import { explainFailure } from './kubeadm/explain-failure.ts'
import { joinIsAlive, joinOutput, joinUnit, startJoin } from './kubeadm/join-unit.ts'
import { isKubeconfig } from './kubeadm/kubeconfig.ts'
import { kubeletCertificate } from './kubeadm/kubelet-certificate.ts'
import { removeSecrets } from './kubeadm/remove-secrets.ts'
import { reset } from './kubeadm/reset.ts'
import { keysInTheWay } from './kubeadm/shared-keys.ts'
import { chosenAddress } from './network/kubelet-address.ts'
import { networkTraces } from './network/network-traces.ts'
import type { JoinState, Machine } from './port/machine.ts'
import { checksFor, preflight } from './preflight/preflight.ts'

export interface DebianParts extends Pick<Machine, 'facts' | 'nodeReadiness' | 'markControlPlane' | 'status'> {
  files: Files
  exec: Exec
  host: Host
  /** The agent's folder on tmpfs, 0700. */
  runDirectory: string
  images: Images
  openEtcd: OpenEtcd
}

/** A Debian-like machine with systemd and kubeadm: what is done with its files and commands, whoever answers them. */
export const debianMachine = ({
  files,
  exec,
  host,
  runDirectory,
  images,
  openEtcd,
  ...others
}: DebianParts): Machine => ({
  ...others,
  preflight: (input) => preflight(host, checksFor(input), input),
  // lazily, with its reader of TOML: the agent has it done in a unit of its own
  mend: async (checks, level) => (await import('./mend/mend.ts')).mend(files, exec, checks, level),
  joinState: async (): Promise<JoinState> => {
    const [unit, output, bootstrapConf, kubeletConf, certificate] = await Promise.all([
      joinIsAlive(files).then((alive) => (alive ? 'running' : joinUnit(exec))),
      joinOutput(files, runDirectory),
      files.exists(paths.bootstrapConf),
      files.read(paths.kubeletConf).then(isKubeconfig),
      kubeletCertificate(files)
    ])
    return { unit, output, bootstrapConf, kubeletConf, ...(certificate && { certificate }) }
  },
  nodeAddress: async (nodeName) => (await chosenAddress(host, nodeName))?.address,
  missingImages: async (of) => {
    const missing: string[] = []
    for (const image of await controlPlaneImages(exec, of)) if (!(await images.has(image))) missing.push(image)
    return missing
  },
  pullImage: (image) => images.pull(image),
  hasEtcdData: async () => (await files.list(paths.etcdData)).length > 0,
  keysInTheWay: (keys) => keysInTheWay(files, keys),
  leaveEtcd: (own, hosts) => leaveEtcd(openEtcd, own, hosts),
  startEtcd: (address) => startEtcd(files, exec, address),
  startJoin: (credential, options) => startJoin(files, exec, runDirectory, credential, options),
  networkTraces: () => networkTraces(files, exec),
  explainFailure: (output) => explainFailure(exec, output),
  closeJoin: () => closeJoin(files, exec, runDirectory),
  startKubelet: async () => void (await exec(['systemctl', 'start', '--no-block', units.kubelet])),
  reset: () => reset(exec),
  removeSecrets: () => removeSecrets(files, runDirectory)
})
