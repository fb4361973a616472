import { createHash } from 'node:crypto'
import type { SeenEnrolmentDetail } from '@joinery/cli/console'
import { noFacts } from '@joinery/protocol'

/** The present of the machines. Ages on the page are from the real clock, so it is taken once. */
const present = Date.now()

/** A time so many seconds ago. */
export const ago = (seconds: number): string => new Date(present - seconds * 1000).toISOString()

export const keyOf = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`

const idOf = (name: string): string => {
  const hex = createHash('sha256').update(`id ${name}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A machine as the console shows it. Every field is right; a test names those that it is about. */
export const aMachine = (name: string, more: Partial<SeenEnrolmentDetail> = {}): SeenEnrolmentDetail => {
  const hex = hexOf(name)
  const last = Number.parseInt(hex.slice(0, 2), 16)
  const address = `10.0.4.${last}`
  return {
    id: idOf(name),
    revision: 3,
    state: 'pending',
    message: 'waiting for an operator',
    name,
    role: 'worker',
    code: idOf('code'),
    credential: 'token',
    labels: { rack: 'r7' },
    key: keyOf(name),
    address,
    created: ago(240),
    since: ago(230),
    expires: ago(-6 * 24 * 3600),
    facts: {
      hostname: name,
      machineId: hex.slice(0, 32),
      productUuid: idOf(`product ${name}`),
      serial: `SN${hex.slice(0, 8).toUpperCase()}`,
      macs: ['52:54:00', hex.slice(0, 2), hex.slice(2, 4), hex.slice(4, 6)].join(':').split(' '),
      addresses: [address, `fe80::5054:ff:fe${hex.slice(0, 2)}:${hex.slice(2, 6)}`],
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.1.0-28-amd64',
      arch: 'x64',
      cpus: 8,
      memory: 16 * 2 ** 30,
      kubelet: 'v1.37.2',
      kubeadm: 'v1.37.2',
      runtime: 'containerd 2.1.4'
    },
    preflight: [
      { name: 'root', verdict: 'pass', finding: 'runs as root' },
      { name: 'swap', verdict: 'pass', finding: 'swap is off' },
      { name: 'kernel-modules', verdict: 'pass', finding: 'overlay and br_netfilter are loaded' },
      { name: 'container-runtime', verdict: 'pass', finding: 'containerd 2.1.4 answers' },
      { name: 'clock-skew', verdict: 'pass', finding: '3 ms' },
      { name: 'reachability', verdict: 'pass', finding: 'TCP port 10250 is open' },
      { name: 'proxy', verdict: 'skipped', finding: 'no proxy is set' }
    ],
    conflicts: [],
    attempts: [],
    timeline: [
      { at: ago(240), actor: 'agent', event: 'enrol', detail: `asks for the name ${name}`, alert: false },
      { at: ago(231), actor: 'agent', event: 'observation', detail: 'preflight passes', alert: false }
    ],
    ...more
  }
}

const approved = (seconds: number) => ({
  approved: {
    at: ago(seconds),
    revision: 3,
    key: keyOf('any')
  }
})

/** Names that differ only at their end, and one as a datacenter gives it. */
export const longNames = [
  'prod-eu-central-1-rack-07-compute-gpu-a100-worker-node-00012',
  'prod-eu-central-1-rack-07-compute-gpu-a100-worker-node-00013',
  'rack-07-worker-12.fra1.compute.prod.example.internal'
] as const

/** Machines in every state that the pages are about. */
export const aFleet = (): SeenEnrolmentDetail[] => {
  const swap = {
    name: 'swap',
    verdict: 'fail' as const,
    finding: 'swap is on: /dev/sda2, 4096 MiB',
    remedy: ['swapoff -a']
  }
  const mtu = { name: 'mtu', verdict: 'warn' as const, finding: 'the MTU of ens3 is 1400' }
  const fine = aMachine('edge-1').preflight
  const other = aMachine('edge-9-copy')
  return [
    aMachine('edge-1', { created: ago(310), since: ago(300) }),
    aMachine('edge-2', { created: ago(255), preflight: [swap, mtu, ...fine.filter(({ name }) => name !== 'swap')] }),
    aMachine('edge-3', { created: ago(140), address: '203.0.113.7', preflight: [mtu, ...fine] }),
    aMachine('cp-2', {
      role: 'control-plane',
      created: ago(95),
      since: ago(90),
      controlPlanes: 1,
      etcd: 'stacked',
      labels: {}
    }),
    aMachine('edge-4', {
      created: ago(70),
      nameConflict: 'Node edge-4 is there, and is Ready',
      former: { enrolment: aMachine('edge-4-before').id, certificateExpires: ago(-200 * 24 * 3600) }
    }),
    aMachine('edge-9', {
      state: 'frozen',
      message: 'another key used the code: compare both keys',
      created: ago(900),
      since: ago(600),
      conflicts: [
        {
          key: other.key,
          address: '198.51.100.23',
          at: ago(600),
          facts: { ...other.facts, hostname: 'edge-9', serial: '' } as never
        }
      ],
      timeline: [
        { at: ago(900), actor: 'agent', event: 'enrol', detail: 'asks for the name edge-9', alert: false },
        {
          at: ago(600),
          actor: 'server',
          event: 'conflict',
          detail: 'another key used the code from 198.51.100.23',
          alert: true
        }
      ]
    }),
    aMachine('edge-5', {
      state: 'joining',
      message: 'joining, as the machine reports it: [kubelet-start] Starting the kubelet',
      created: ago(400),
      since: ago(21),
      ...approved(60),
      attempts: [
        {
          number: 1,
          tokenId: 'a1b2c3',
          claimed: ago(21),
          deadline: ago(-560),
          stage: '[kubelet-start] Starting the kubelet'
        }
      ],
      timeline: [
        { at: ago(400), actor: 'agent', event: 'enrol', detail: 'asks for the name edge-5', alert: false },
        {
          at: ago(60),
          actor: 'operator',
          by: 'alice (uid 1000)',
          event: 'approve',
          detail: 'revision 3',
          alert: false
        },
        { at: ago(21), actor: 'agent', event: 'claim', detail: 'attempt 1, token a1b2c3', alert: false },
        { at: ago(12), actor: 'agent', event: 'progress', detail: '[kubelet-start] Starting the kubelet', alert: false }
      ]
    }),
    aMachine('edge-6', {
      state: 'joined',
      message: 'joined, Node not Ready',
      created: ago(900),
      since: ago(130),
      ...approved(500),
      attempts: [{ number: 1, tokenId: 'd4e5f6', claimed: ago(160), deadline: ago(-400), csr: 'node-csr-x1' }],
      node: { uid: idOf('node'), registered: ago(130), condition: 'NotReady', message: 'cni plugin not initialized' },
      cause: { code: 'plugin-image', text: 'the image of the network plugin cannot be pulled' }
    }),
    aMachine('edge-7', {
      state: 'failed',
      message: 'the last attempt failed',
      created: ago(5000),
      since: ago(700),
      ...approved(2000),
      attempts: [
        {
          number: 3,
          tokenId: '0a0b0c',
          claimed: ago(900),
          deadline: ago(300),
          stage: '[preflight] Running pre-flight checks',
          failure:
            'machine: the container runtime does not answer\nat: [preflight] Running pre-flight checks\nremedy: systemctl restart containerd\n[ERROR CRI]: container runtime is not running'
        }
      ]
    }),
    ...Array.from({ length: 24 }, (_, index) =>
      aMachine(`worker-${index + 1}`, {
        state: 'ready',
        message: 'ready',
        created: ago(90_000 + index * 7200),
        since: ago(89_000 + index * 7200),
        ...approved(89_700 + index * 7200),
        attempts: [{ number: 1, tokenId: 'aaaaaa', claimed: ago(89_690 + index * 7200), deadline: ago(89_000) }],
        node: {
          uid: idOf(`node ${index}`),
          registered: ago(89_660 + index * 7200),
          condition: 'Ready',
          message: '',
          ready: ago(89_640 + index * 7200)
        },
        ready: ago(89_640 + index * 7200)
      })
    ),
    aMachine('old-1', {
      state: 'rejected',
      message: 'rejected: not one of ours',
      created: ago(200_000),
      since: ago(190_000)
    }),
    aMachine('old-2', { state: 'removed', message: 'removed', created: ago(300_000), since: ago(190_500) }),
    // a join command has no agent, so nothing is known of its machine
    aMachine('build-1', {
      state: 'approved',
      message: 'waits for the machine',
      withoutAgent: true,
      key: '',
      address: '',
      facts: noFacts,
      preflight: [],
      created: ago(3_000)
    }),
    ...longNames.map((name) =>
      aMachine(name, {
        created: ago(60),
        timeline: [
          {
            at: ago(40),
            actor: 'operator',
            by: 'oidc:somebody.with-a-long-name@example.com',
            event: 'release',
            detail: `the key that was released is ${keyOf(name)}, after somebody looked at the console of the machine`,
            alert: true
          }
        ]
      })
    ),
    // what a machine may call itself is data
    aMachine('evil\u202e\u001b[31m<img src=x onerror=alert(1)>', {
      created: ago(30),
      facts: { ...aMachine('x').facts, hostname: '<script>alert(1)</script>', os: 'Débian \u0007' }
    })
  ]
}
