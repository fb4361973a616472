import {
  debianEtcd,
  debianJoining,
  debianLooking,
  debianRecovering,
  judgeNode,
  kubeletCertificate,
  type Looking,
  mendingInProcess,
  type NodeReadiness,
  noCertificate,
  noNode,
  unknown
} from '@joinery/agent/testing/debian'
import { type MachinePorts, paths } from '@joinery/agent/testing/machine'
import type { Clock } from '@joinery/agent/testing/program'
import type { Recovering } from '@joinery/agent/testing/way-back'
import { connectionProblem } from '@joinery/host/connection-problem'
import type { Check, Facts } from '@joinery/protocol'
import { playedCommands } from './commands.ts'
import { installDebian } from './debian-files.ts'
import { RehearsalEtcd } from './kubeadm/etcd.ts'
import { type Fault, kubeadmJoin } from './kubeadm/kubeadm-join.ts'
import { kubeadmReset } from './kubeadm/kubeadm-reset.ts'
import type { Stage } from './kubeadm/kubeadm-texts.ts'
import { type KubeletLife, kubeletProcess } from './kubeadm/kubelet.ts'
import type { KubeletSide } from './kubeadm/kubelet-side.ts'
import { stopStaticPods } from './kubeadm/static-pods.ts'
import type { MachineWorld } from './machine-world.ts'
import { memoryFiles } from './memory-files.ts'
import { memoryImages } from './memory-images.ts'
import { bootKernel, loadModule, swapOff } from './played-kernel.ts'
import { rehearsalHost } from './rehearsal-host.ts'
import { Service } from './service.ts'
import { noTrouble, playedLooks } from './trouble.ts'

export interface RehearsalOptions {
  /** Facts of the machine that is played. Its os says that it is a rehearsal. */
  facts: Facts
  cluster: KubeletSide
  /** The etcd that control planes of the cluster share. By default one that has its first member. */
  etcd?: RehearsalEtcd
  clock: Clock
  /** The agent's folder on tmpfs. */
  runDirectory: string
  /** Milliseconds that kubeadm takes before each of its stages. */
  pace: number
}

/**
 * A machine in memory, switched on. It behaves as a Debian machine with kubeadm does, as far as the agent and others
 * around it can see: test/contract/machine-contract.ts holds for both. The agent's own acts are the real code.
 * systemd, the kernel, kubeadm and the kubelet are played.
 */
export const rehearsalMachine = async (
  options: RehearsalOptions
): Promise<MachinePorts & MachineWorld & { recovering: Recovering }> => {
  const { cluster, etcd = new RehearsalEtcd(), clock, runDirectory, pace } = options
  const facts: Facts = { ...options.facts, os: `${options.facts.os} (rehearsal)` }
  const files = memoryFiles()
  const images = memoryImages()
  const broken = new Map<string, Check>()
  const trouble = noTrouble()
  let fault: Fault | undefined
  const takeFault = (): Fault | undefined => {
    const taken = fault
    fault = undefined
    return taken
  }

  let killAt: string | undefined
  const reached = (stage: Stage, when: 'printed' | 'done'): void => {
    if (killAt !== `${stage} ${when}`) return
    killAt = undefined
    join.kill()
  }

  const life: KubeletLife = { ahead: 0, since: undefined, log: [] }
  const kubelet = new Service(kubeletProcess({ files, cluster, etcd, clock, facts, life }))
  const join: Service = new Service(
    kubeadmJoin({ files, cluster, etcd, kubelet, clock, runDirectory, pace, takeFault, reached })
  )
  const exec = playedCommands({
    join,
    kubelet,
    life,
    reset: () => kubeadmReset(files, kubelet, etcd),
    loadModule: (name) => loadModule(files, name),
    swapOff: () => swapOff(files),
    trouble
  })
  const looking = debianLooking({
    files,
    exec,
    host: rehearsalHost({ files, exec, facts, cluster, kubelet, trouble }),
    why: playedLooks({ trouble, files, cluster, clock }),
    runDirectory,
    images,
    facts: async () => structuredClone(facts),
    nodeReadiness: async (name): Promise<NodeReadiness> => {
      if ((await kubeletCertificate(files)) === undefined) return noCertificate
      try {
        const node = await cluster.node(name)
        return node === undefined ? noNode : judgeNode(node)
      } catch (error) {
        return unknown(`${cluster.server} ${connectionProblem(error)}`)
      }
    }
  })
  const preflight: Looking['preflight'] = async (input) =>
    (await looking.preflight(input)).map((check) => broken.get(check.name) ?? check)

  const cutPower = (): Promise<void> => {
    join.powerOff()
    kubelet.powerOff()
    return stopStaticPods(files, etcd)
  }
  await installDebian(files, facts)
  await bootKernel(files, facts)

  return {
    looking: { ...looking, preflight },
    mending: mendingInProcess(files, exec),
    joining: debianJoining({
      files,
      exec,
      runDirectory,
      images,
      markControlPlane: (name) => cluster.markControlPlane(name)
    }),
    recovering: debianRecovering({
      files,
      exec,
      askApi: cluster.answer,
      monotonic: () => clock.monotonic()
    }),
    etcd: debianEtcd(files, exec, async () => ((await files.exists(paths.etcdAuthority)) ? etcd.client() : undefined)),
    files,
    images,
    trouble,
    powerOff: () => void cutPower(),
    reboot: async (beforeKubelet = async () => {}) => {
      await cutPower()
      await bootKernel(files, facts)
      await beforeKubelet()
      kubelet.start()
    },
    setClock: (ahead) => {
      life.ahead = ahead
    },
    breakCheck: (name, finding, remedy) => void broken.set(name, { name, verdict: 'fail', finding, remedy: [remedy] }),
    mendCheck: (name) => void broken.delete(name),
    failNextJoin: (stage, lines) => {
      fault = { stage, lines }
    },
    killNextJoin: (stage, when) => {
      killAt = `${stage} ${when}`
    }
  }
}
