import type { Host } from '@joinery/agent/testing/debian'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { Facts } from '@joinery/protocol'
import { kubeletFlags } from './kubeadm/kubelet.ts'
import type { KubeletSide } from './kubeadm/kubelet-side.ts'
import { networkCard } from './network-card.ts'
import type { Service } from './service.ts'
import type { Trouble } from './trouble.ts'

export interface HostParts {
  files: Files
  exec: Exec
  facts: Facts
  cluster: KubeletSide
  kubelet: Service
  trouble: Trouble
}

/** The answers of a rehearsal machine to preflight. The programs of its facts are installed and well. */
export const rehearsalHost = ({ files, exec, facts, cluster, kubelet, trouble }: HostParts): Host => ({
  read: files.read,
  list: files.list,
  readGzip: files.read,
  exec,
  version: async (program) => (program === 'kubeadm' ? facts.kubeadm : facts.kubelet),
  runtime: async () => {
    if (trouble.units.containerd !== undefined) throw systemError('ECONNREFUSED')
    const [name = '', version = ''] = facts.runtime.split(' ')
    return { socket: '/run/containerd/containerd.sock', name, version, problem: undefined, cgroupDriver: 'systemd' }
  },
  resolve: async (name) => [name],
  space: async (path) => ({
    free: trouble.fullDisks.includes(path) ? 0 : 50e9,
    total: 100e9,
    freeInodes: 5e6,
    totalInodes: 6e6
  }),
  interfaces: () => networkCard,
  environment: {},
  uid: 0,
  // each command takes no time
  monotonic: () => 0,
  connect: async (host, port) => {
    const server = new URL(cluster.server)
    // only etcd is beside the API server on its host; every other host and port that the machine is told of answers
    const listening = [Number(server.port), 2379, 2380]
    if (host === server.hostname && !listening.includes(port)) throw systemError('ECONNREFUSED')
  },
  listen: async () => {
    // the kubelet only starts and ends before kubeadm has configured it
    if (kubelet.state === 'activating' && (await files.exists(kubeletFlags))) throw systemError('EADDRINUSE')
  }
})

const systemError = (code: string): Error => Object.assign(new Error(code), { code })
