import {
  type Code,
  type Enrolment,
  type EnrolmentDetail,
  type Facts,
  type JoinCommand,
  type NewCode,
  noFacts,
  type Status,
  type TracedNode
} from '@joinery/protocol'
import type { EnrolmentView } from '@joinery/protocol/door'

export const now = new Date('2026-11-25T12:00:00Z')

/** Time that was so many seconds before `now`. */
export const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1000).toISOString()

export const key = `sha256:4f1c22ab${'0'.repeat(56)}`
export const otherKey = `sha256:9e3d07cc${'f'.repeat(56)}`

export const facts: Facts = {
  hostname: 'node-1',
  machineId: '0123456789abcdef0123456789abcdef',
  productUuid: '4c4c4544-0042-3510-8052-b4c04f4e3732',
  serial: 'SN-1',
  macs: ['52:54:00:30:00:01'],
  addresses: ['10.0.0.11', 'fe80::1'],
  os: 'Debian GNU/Linux 13 (trixie)',
  kernel: '6.12.48',
  arch: 'x86_64',
  cpus: 2,
  memory: 2 ** 31,
  kubelet: 'v1.37.2',
  kubeadm: 'v1.37.2',
  runtime: 'containerd 2.1.4'
}

/** A machine that waits, as Kubernetes shows it. */
export const view: EnrolmentView = {
  state: 'pending',
  message: 'waits for approval',
  name: 'node-1',
  role: 'worker',
  revision: 3,
  key,
  keyShort: '4f1c-22ab-0000-0000-0000',
  address: '10.0.0.11',
  code: 'c1',
  credential: 'token',
  created: '2026-11-25T11:00:00.000Z',
  since: '2026-11-25T11:00:00.000Z',
  machine: { os: 'Debian', arch: 'x86_64', cpus: 2, memory: 2 ** 31, serial: 'SN-1', kubelet: 'v1.37.2' },
  preflight: { fail: ['swap'], warn: ['mtu'] },
  conflicts: 0
}

export const enrolment: Enrolment = {
  id: 'e1',
  revision: 3,
  state: 'pending',
  message: 'waits for approval',
  name: 'node-1',
  role: 'worker',
  code: 'c1',
  credential: 'token',
  key,
  address: '10.0.0.11',
  created: ago(200),
  since: ago(200),
  facts,
  preflight: [
    { name: 'runtime', verdict: 'pass', finding: 'containerd answers' },
    { name: 'swap', verdict: 'fail', finding: '/dev/sda2 is on', remedy: ['swapoff -a'] }
  ],
  conflicts: [],
  attempts: []
}

export const detail: EnrolmentDetail = {
  ...enrolment,
  timeline: [{ at: ago(200), actor: 'agent', event: 'enrol', detail: 'code c1', alert: false }]
}

/** An enrolment that joins by a join command. */
export const withoutAgent: EnrolmentDetail = {
  ...enrolment,
  state: 'joining',
  message: 'joining: the join command is good until 2026-11-25T12:15:00.000Z',
  withoutAgent: true,
  code: '',
  key: '',
  address: '',
  facts: noFacts,
  preflight: [],
  attempts: [{ number: 1, tokenId: 'abc123', claimed: ago(200), deadline: '2026-11-25T12:15:00.000Z' }],
  timeline: [{ at: ago(200), actor: 'operator', event: 'join-command', detail: 'token abc123', alert: false }]
}

export const joinCommand: JoinCommand = {
  enrolment: 'e1',
  name: 'node-1',
  role: 'worker',
  expires: '2026-11-25T12:15:00.000Z',
  server: 'https://172.30.0.1:6443',
  certificateAuthority: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  caCertHashes: [`sha256:${'c'.repeat(64)}`],
  discovery: 'cluster-info',
  token: 'abc123.0123456789abcdef'
}

export const code: Code = {
  id: 'c1',
  name: 'node-1',
  role: 'worker',
  created: now.toISOString(),
  expires: '2026-11-25T12:30:00.000Z',
  status: 'open',
  credential: 'token',
  uses: 1,
  used: 0
}

export const newCode: NewCode = {
  ...code,
  code: 'jny_0123456789ABCDEFGHJKMNPQRS5T',
  install: {
    server: 'https://172.30.0.1:7443',
    pin: `sha256:${'a'.repeat(64)}`,
    certificateAuthority: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    apiEndpoint: '172.30.0.1:6443',
    package: { sha256: 'b'.repeat(64), size: 30_000_000 }
  }
}

export const node: TracedNode = {
  name: 'node-1',
  uid: 'uid-1',
  created: ago(200),
  condition: 'Ready',
  roles: ['edge', 'worker'],
  machineId: facts.machineId,
  systemUuid: facts.productUuid,
  trace: 'enrolled',
  enrolment: { id: 'e1', state: 'ready', key }
}

export const status: Status = {
  version: '0.1.0',
  started: ago(7200),
  agents: {
    listen: '0.0.0.0:7443',
    url: 'https://172.30.0.1:7443',
    pin: `sha256:${'a'.repeat(64)}`,
    certificateExpires: '2027-11-25T10:00:00.000Z'
  },
  operators: { socket: '/run/joinery/operator.sock' },
  agentPackage: '/usr/share/joinery-server/joinery-agent_amd64.deb',
  store: { path: '/var/lib/joinery-server/joinery.db' },
  cluster: { version: 'v1.37.2', credentialExpires: '2026-12-02T10:00:00.000Z' },
  enrolments: {
    pending: 0,
    approved: 0,
    joining: 1,
    joined: 0,
    ready: 12,
    recovering: 0,
    frozen: 0,
    failed: 0,
    expired: 0,
    rejected: 0,
    removed: 0
  },
  alerts: { count: 0, last: [] },
  codes: { open: 3 },
  refusals: {},
  remedies: []
}
