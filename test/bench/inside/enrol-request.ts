import { randomBytes, randomUUID } from 'node:crypto'
import type { Check, EnrolRequest, Facts } from '@joinery/protocol'

/** The body with which a machine of ordinary size enrols: one with two network cards that passes every check. */
export const enrolRequest = (code: string): string => {
  const facts = newFacts()
  const body: EnrolRequest = { code, name: facts.hostname, facts, preflight }
  return JSON.stringify(body)
}

/** Those of another machine each time. */
export const newFacts = (): Facts => {
  const machineId = randomBytes(16).toString('hex')
  const macs = [newMac(), newMac()]
  return { ...ordinary, hostname: `worker-${machineId}`, machineId, productUuid: randomUUID(), macs }
}

const newMac = (): string => `02:${randomBytes(5).toString('hex').match(/../g)?.join(':')}`

const ordinary: Facts = {
  hostname: '',
  machineId: '',
  productUuid: '',
  serial: 'VMware-56 4d 1f 0a 9b 7e 11 2c-c5 d2 a5 a2 3f 0e 4e 3c',
  macs: [],
  addresses: ['10.20.30.40', '192.168.178.40', 'fe80::5054:ff:fe30:b'],
  os: 'Debian GNU/Linux 13 (trixie)',
  kernel: '6.12.43+deb13-amd64',
  arch: 'x86_64',
  cpus: 8,
  memory: 33_554_432_000,
  kubelet: 'v1.37.2',
  kubeadm: 'v1.37.2',
  runtime: 'containerd 2.4.2'
}

const checks: Record<string, string> = {
  kubelet: 'kubelet v1.37.2',
  kubeadm: 'kubeadm v1.37.2',
  kubectl: 'kubectl v1.37.2',
  'kubelet-service': 'kubelet.service is enabled',
  swap: 'no swap is on, and none comes back at boot',
  'kernel-modules': 'overlay and br_netfilter are loaded',
  sysctls: 'net.ipv4.ip_forward, net.bridge.bridge-nf-call-iptables and net.bridge.bridge-nf-call-ip6tables are 1',
  'container-runtime': 'containerd 2.4.2 answers at unix:///run/containerd/containerd.sock',
  'cgroup-driver': 'kubelet and runtime use systemd',
  'api-endpoint': '10.20.30.1:6443 accepts connections',
  'ports-free': '10250 is free',
  'earlier-join': 'nothing of an earlier join'
}
const preflight: Check[] = Object.entries(checks).map(([name, finding]) => ({ name, verdict: 'pass', finding }))
