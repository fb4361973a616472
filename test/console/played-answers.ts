import type { ConsoleApi, SeenCode, SeenEnrolmentDetail, SeenNode, SeenStatus } from '@joinery/cli/console'
import { ago, aMachine, longNames } from './played-machines.ts'

const aNode = (name: string, more: Partial<SeenNode> = {}): SeenNode => ({
  name,
  uid: `uid-${name}`,
  created: ago(90_000),
  condition: 'Ready',
  roles: [],
  machineId: '',
  systemUuid: '',
  trace: 'enrolled',
  certificateExpires: ago(-300 * 24 * 3600),
  ...more
})

const aCode = (name: string, more: Partial<SeenCode> = {}): SeenCode => ({
  id: aMachine(`code ${name}`).id,
  name,
  role: 'worker',
  created: ago(600),
  expires: ago(-1200),
  status: 'open',
  uses: 1,
  used: 0,
  ...more
})

const urlOf = (host: number): string => `https://10.0.0.${host}:7443`

/** The status of the active one of three servers, of which another one is away. */
export const ofThree: SeenStatus = {
  version: '0.1.0',
  started: ago(90_000),
  agents: { url: urlOf(10), pin: 'sha256:0' },
  cluster: { version: 'v1.37.2 (rehearsal)' },
  store: { path: '/var/lib/joinery-server/joinery.db' },
  alerts: { count: 13, last: [{ at: ago(600), subject: '', event: '', detail: '', next: '' }] },
  enrolments: {} as never,
  leadership: { isActive: true, active: urlOf(10), term: 7, since: ago(4_000) },
  servers: [
    { url: urlOf(10), state: 'active', seen: ago(0) },
    { url: urlOf(11), state: 'standby', seen: ago(6) },
    { url: urlOf(12), state: 'away', seen: ago(300) }
  ],
  log: {
    number: 81_234,
    term: 7,
    batches: 2,
    headBytes: 18_400,
    waiting: 3,
    documents: 812,
    bytes: 2_140_000,
    written: 5_300_000,
    unavailable: { since: ago(50), why: 'etcd is full (NOSPACE)' }
  },
  remedies: [
    'the clock of this host is 42 s ahead of the API server: check its time service',
    'Nothing can be written to the log in etcd (etcd is full (NOSPACE)); see how it is: kubectl get --raw /readyz?verbose',
    `Nothing was heard of the server at ${urlOf(12)}; see how it is, on its host: systemctl status joinery-server`
  ]
}

/** The same installation as a server that stands by shows it. */
export const ofStandby = (): SeenStatus => {
  const { log: _, remedies: __, alerts: ___, ...shared } = ofThree
  return {
    ...shared,
    agents: { ...shared.agents, url: urlOf(11) },
    leadership: { isActive: false, active: urlOf(10), term: 7, since: ago(4_000) },
    alerts: { count: 0, last: [] },
    remedies: []
  }
}

/** The status of a server that has its store for itself. */
export const ofOne = (): SeenStatus => {
  const { leadership: _, servers: __, log: ___, remedies: ____, ...alone } = ofThree
  return { ...alone, remedies: [] }
}

/** The status that Kubernetes shows. */
export const ofView = (): SeenStatus => {
  const { version, agents, cluster, enrolments, servers = [] } = ofThree
  return { version, agents, cluster, enrolments, servers: servers.map(({ url }) => ({ url })) }
}

const arrived = [3, 5, 2, 8, 20, 4, 0, 0, 6, 12, 44, 7, 9, 15]

const dayAgo = (days: number): string => ago(days * 24 * 3600).slice(0, 10)

/** Answers about everything but the machines, each with what its page shows in particular. */
export const answersAbout = (fleet: readonly SeenEnrolmentDetail[]): Partial<ConsoleApi> => {
  const enrolment = (name: string) => {
    const { id, state } = fleet.find((machine) => machine.name === name) ?? aMachine(name)
    return { id, state }
  }
  return {
    codes: async () => ({
      items: [
        aCode('worker-{n}', { uses: 50, used: 12, from: ['10.0.4.0/24'], labels: { rack: 'r7', zone: 'a' } }),
        aCode('cp-2', { role: 'control-plane' }),
        aCode('edge-1', { status: 'used', used: 1, created: ago(90_000) }),
        aCode('edge-8', { status: 'revoked', created: ago(190_000) })
      ]
    }),
    holder: async () => {
      const pods = [
        { namespace: 'default', name: 'web-7d4b9', controller: 'ReplicaSet' },
        { namespace: 'default', name: 'debug', controller: '' }
      ]
      return {
        node: { uid: 'uid-edge-4', created: ago(90_000), condition: 'Ready', message: '', labels: {}, taints: [] },
        pods,
        evicted: pods,
        carried: 'label rack=r7',
        former: aMachine('edge-4-before', { name: 'edge-4', state: 'ready', created: ago(90_000) })
      }
    },
    nodes: async () => ({
      items: [
        aNode('cp-1', { trace: 'outside', before: true, roles: ['control-plane'] }),
        aNode('worker-1', { enrolment: enrolment('worker-1') }),
        aNode('edge-6', {
          condition: 'NotReady',
          enrolment: enrolment('edge-6'),
          cause: { code: 'plugin-image', text: 'the image of the network plugin cannot be pulled' }
        }),
        ...longNames.map((name) => aNode(name, { enrolment: enrolment(name) })),
        aNode('stranger-1', { trace: 'outside', wrong: 'no enrolment brought this Node to the cluster' }),
        aNode('worker-9', {
          trace: 'other-machine',
          wrong: 'its machine id is not that of the enrolment',
          enrolment: enrolment('worker-9')
        }),
        aNode('worker-12', {
          enrolment: enrolment('worker-12'),
          warning: 'the certificate ends in 9 days and was not renewed'
        })
      ]
    }),
    alerts: async () => ({
      count: 13,
      items: [
        {
          at: ago(600),
          subject: 'enrolment/edge-9',
          event: 'conflict',
          detail: 'another key used the code from 198.51.100.23',
          next: 'joinery show edge-9'
        },
        {
          at: ago(60_000),
          subject: 'node/stranger-1',
          event: 'outsider',
          detail: 'a Node appeared that no enrolment brought',
          next: 'joinery nodes'
        }
      ]
    }),
    status: async () => ofThree,
    audit: async () => {
      const items = fleet
        .flatMap(({ id, name, timeline = [] }) => timeline.map((entry) => ({ ...entry, enrolment: id, name })))
        .sort((one, other) => (one.at < other.at ? 1 : -1))
      return { read: fleet.length, of: fleet.length, items }
    },
    pictures: async () => ({
      days: arrived.map((count, place) => ({
        day: dayAgo(arrived.length - 1 - place),
        arrived: count,
        ready: Math.floor(count * 0.9),
        failed: Math.floor(count / 12)
      })),
      stages: [
        { stage: 'waiting', median: 312, p95: 3800, count: 120 },
        { stage: 'claiming', median: 1.2, p95: 31, count: 120 },
        { stage: 'joining', median: 24, p95: 61, count: 120 },
        { stage: 'settling', median: 11, p95: 44, count: 118 },
        { stage: 'whole', median: 380, p95: 3900, count: 118 }
      ],
      failures: [
        { failure: 'machine', count: 5 },
        { failure: 'transient', count: 3 },
        { failure: 'server', count: 1 }
      ]
    }),
    why: async () => ({
      name: 'edge-6',
      at: ago(1),
      ready: false,
      summary: 'The Node edge-6 is not Ready. Most likely the image of its network plugin cannot be pulled.',
      causes: [
        {
          code: 'plugin-image',
          from: 'cluster',
          text: 'the image of the network plugin cannot be pulled',
          since: ago(120),
          evidence: ['Failed to pull image "registry.example/cni:v1.18.2": dial tcp: i/o timeout'],
          remedy: ['crictl pull registry.example/cni:v1.18.2', '# let the machine come to the registry']
        },
        {
          code: 'cni-missing',
          from: 'machine',
          text: 'the configuration of the network plugin is missing on the machine',
          evidence: [],
          remedy: []
        }
      ],
      machine: ago(20)
    }),
    codeCreate: async ({ request }) => ({
      code: {
        ...aCode(request.name ?? 'any', { uses: request.uses ?? 1 }),
        code: 'jny_0123456789abcdefghjkmnpqrs7',
        install: {
          server: 'https://10.0.0.10:7443',
          pin: `sha256:${'0'.repeat(64)}`,
          certificateAuthority: '',
          apiEndpoint: '10.0.0.10:6443'
        }
      },
      userData: [
        '#cloud-config',
        '# Made by: joinery cloud-init. It holds a secret that lets one machine in.',
        'write_files:',
        '  - path: /etc/joinery/agent.yaml',
        '    permissions: "0644"',
        '    content: |',
        '      server: https://10.0.0.10:7443'
      ].join('\n'),
      command:
        'at the machine, as root: joinery-agent enrol --server https://10.0.0.10:7443 --pin sha256:00 --code-file -'
    })
  }
}
