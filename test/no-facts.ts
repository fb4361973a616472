import type { Facts } from '@joinery/protocol'

/** A machine that says nothing of itself. */
export const noFacts: Facts = {
  hostname: '',
  machineId: '',
  productUuid: '',
  serial: '',
  macs: [],
  addresses: [],
  os: '',
  kernel: '',
  arch: '',
  cpus: 0,
  memory: 0,
  kubelet: '',
  kubeadm: '',
  runtime: ''
}
