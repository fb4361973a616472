import { type Facts, type NodeStatus, noFacts, type State, type Verdict } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { UniqueMachines } from '../../../../src/core/commit/unique-machines.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const one = '0123456789abcdef0123456789abcdef'
const two = 'fedcba9876543210fedcba9876543210'
const uuid = '4c4c4544-0042-3510-8052-b4c04f4e3732'
const otherUuid = 'c5d2a5a2-3f0e-4e3c-9c3b-6d1f0a9b7e11'
const mac = '52:54:00:30:00:01'

const enrolled = (id: string, facts: Partial<Facts>, more: EnrolmentPart & { state?: State } = {}): EnrolmentDocument =>
  anEnrolment(id, { name: id, facts: { ...noFacts, ...facts } }, more)

const node = (name: string, machineId: string, systemUuid = '') => aNode(name, { machineId, systemUuid, ready: 'True' })

const gone: NodeStatus = { uid: 'u', registered: '', condition: 'Gone', message: '' }
const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']

/** The machine, the others, and what is said of it; a `RegExp` is for the finding. */
const cases: [
  what: string,
  machine: EnrolmentDocument,
  others: { enrolments?: EnrolmentDocument[]; nodes?: ClusterNode[] },
  verdict: Verdict | undefined,
  finding?: RegExp
][] = [
  ['alone', enrolled('a', { machineId: one, productUuid: uuid, macs: [mac] }), {}, 'pass'],
  [
    'beside others that share nothing',
    enrolled('a', { machineId: one, productUuid: uuid, macs: [mac], hostname: 'a' }),
    {
      enrolments: [
        enrolled('b', { machineId: two, productUuid: otherUuid, macs: ['52:54:00:30:00:02'], hostname: 'b' })
      ],
      nodes: [node('c', 'c'.repeat(31).concat('d'), '')]
    },
    'pass'
  ],
  [
    'with the machine id of a Node',
    enrolled('a', { machineId: one }),
    { nodes: [node('worker-1', one)] },
    'fail',
    /^machine id 0123456789abcdef0123456789abcdef also belongs to Node worker-1$/
  ],
  [
    'with the machine id of one that waits',
    enrolled('a', { machineId: one }),
    { enrolments: [enrolled('b', { machineId: one })] },
    'fail',
    /^machine id .* also belongs to b \(pending, enrolment b\)$/
  ],
  [
    'with the UUID of a Node, in another case',
    enrolled('a', { productUuid: uuid.toUpperCase() }),
    { nodes: [node('worker-1', two, uuid)] },
    'fail',
    /^product UUID 4c4c4544-.* also belongs to Node worker-1$/
  ],
  [
    'with a MAC of another one',
    enrolled('a', { macs: ['52:54:00:30:00:09', mac.toUpperCase()] }),
    { enrolments: [enrolled('b', { macs: [mac] })] },
    'fail',
    /^MAC address 52:54:00:30:00:01 also belongs to b/
  ],
  [
    'with all of it shared',
    enrolled('a', { machineId: one, productUuid: uuid, macs: [mac] }),
    { enrolments: [enrolled('b', { machineId: one, productUuid: uuid, macs: [mac] })], nodes: [node('c', one, uuid)] },
    'fail',
    /^machine id .* also belongs to Node c, b \(.*; product UUID .* belongs to Node c, b \(.*; MAC address .* belongs to b \(/
  ],
  [
    'with nothing but the host name shared',
    enrolled('a', { hostname: 'debian', machineId: one }),
    { enrolments: [enrolled('b', { hostname: 'debian', machineId: two })] },
    'warn',
    /^host name debian also belongs to b/
  ],
  ['called as a Node is', enrolled('a', { hostname: 'worker-1' }), { nodes: [node('worker-1', two)] }, 'warn'],
  [
    'called localhost',
    enrolled('a', { hostname: 'localhost' }),
    { enrolments: [enrolled('b', { hostname: 'localhost' })] },
    'pass'
  ],
  // what is no identity
  ...(
    [
      { machineId: '' },
      { machineId: '0'.repeat(32) },
      { machineId: 'uninitialized' },
      { productUuid: '' },
      { productUuid: '00000000-0000-0000-0000-000000000000' },
      { productUuid: 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF' },
      { productUuid: '03000200-0400-0500-0006-000700080009' },
      { productUuid: 'Not Settable' },
      { macs: ['00:00:00:00:00:00'] },
      { macs: ['ff:ff:ff:ff:ff:ff'] },
      { macs: ['no address'] },
      { hostname: '\u001b[2J' },
      { serial: 'SN-1' }
    ] satisfies Partial<Facts>[]
  ).map((facts): (typeof cases)[number] => [
    `with ${JSON.stringify(facts)}, as another one has it`,
    enrolled('a', facts),
    { enrolments: [enrolled('b', facts)], nodes: [node('c', facts.machineId ?? '', facts.productUuid ?? '')] },
    'pass'
  ]),
  [
    'with the machine id that a Node without DMI gives as its UUID',
    enrolled('a', { machineId: two, productUuid: uuid }),
    { nodes: [node('b', one, one)] },
    'pass'
  ],
  // the same machine again
  [
    'whose own Node is there',
    enrolled('a', { machineId: one, productUuid: uuid }, { state: 'joining' }),
    { nodes: [node('a', one, uuid)] },
    'pass'
  ],
  [
    'whose own Node is there, without DMI',
    enrolled('a', { machineId: one }, { state: 'failed' }),
    { nodes: [node('a', one, one)] },
    'pass'
  ],
  [
    'that was installed anew while its old Node is there',
    enrolled('a', { machineId: two, productUuid: uuid }),
    { nodes: [node('a', one, uuid)] },
    'pass'
  ],
  [
    'that enrolled anew, with a new machine id, as it was told',
    enrolled('e2', { machineId: two, productUuid: uuid, macs: [mac] }, { name: 'a' }),
    { enrolments: [enrolled('e1', { machineId: one, productUuid: uuid, macs: [mac] }, { name: 'a' })] },
    'pass'
  ],
  [
    'with a copy of its disk that wants its name too',
    enrolled('e2', { machineId: one, productUuid: otherUuid }, { name: 'a' }),
    { enrolments: [enrolled('e1', { machineId: one, productUuid: uuid }, { name: 'a' })] },
    'fail'
  ],
  [
    'under another name than its Node',
    enrolled('a', { machineId: one, productUuid: uuid }),
    { nodes: [node('former', one, uuid)] },
    'fail'
  ],
  ...(['rejected', 'expired', 'failed', 'removed'] as const).map((state): (typeof cases)[number] => [
    `whose former enrolment is ${state}`,
    enrolled('a', { machineId: one }),
    { enrolments: [enrolled('b', { machineId: one }, { state })] },
    'pass'
  ]),
  [
    'whose former Node was deleted',
    enrolled('a', { machineId: one }),
    { enrolments: [enrolled('b', { machineId: one }, { state: 'ready', node: gone })] },
    'pass'
  ],
  // who counts once one of them is approved
  ...(
    [
      ['approved', 'pending', late, 'pass'],
      ['approved', 'frozen', early, 'pass'],
      ['approved', 'approved', early, 'fail'],
      ['approved', 'approved', late, 'pass'],
      ['approved', 'joining', late, 'fail'],
      ['approved', 'joined', late, 'fail'],
      ['approved', 'ready', early, 'fail'],
      ['joining', 'approved', late, 'pass'],
      ['pending', 'pending', late, 'fail'],
      ['pending', 'approved', late, 'fail'],
      ['frozen', 'pending', late, 'fail'],
      ['failed', 'pending', late, 'fail']
    ] satisfies [State, State, string, Verdict][]
  ).map(([state, otherState, created, verdict]): (typeof cases)[number] => [
    `${state}, beside one that is ${otherState} and enrolled ${created === early ? 'before' : 'after'} it`,
    enrolled('m', { machineId: one }, { state, created: '2026-01-01T12:00:00.000Z' }),
    { enrolments: [enrolled('n', { machineId: one }, { state: otherState, created })] },
    verdict
  ]),
  [
    'approved in the same millisecond as another one: one of the two goes on',
    enrolled('a', { machineId: one }, { state: 'approved' }),
    { enrolments: [enrolled('b', { machineId: one }, { state: 'approved' })] },
    'pass'
  ],
  [
    'approved in the same millisecond as another one: and one does not',
    enrolled('b', { machineId: one }, { state: 'approved' }),
    { enrolments: [enrolled('a', { machineId: one }, { state: 'approved' })] },
    'fail'
  ],
  // whose time this is not
  ...(['joined', 'ready', 'rejected', 'expired', 'removed'] as const).map((state): (typeof cases)[number] => [
    `that is ${state}`,
    enrolled('a', { machineId: one }, { state }),
    { enrolments: [enrolled('b', { machineId: one })] },
    undefined
  ]),
  // as the code says
  [
    'of a code that ignores it',
    enrolled('a', { machineId: one }, { terms: { policy: { ignore: ['unique-machine'] } } }),
    { nodes: [node('worker-1', one)] },
    'warn',
    /Node worker-1/
  ],
  [
    'of a code that ignores something else',
    enrolled('a', { machineId: one }, { terms: { policy: { ignore: ['swap'] } } }),
    { nodes: [node('worker-1', one)] },
    'fail'
  ]
]

const machines = (enrolments: EnrolmentDocument[], nodes: readonly ClusterNode[] | undefined) =>
  new UniqueMachines({
    store: { enrolments: async (states) => enrolments.filter(({ state }) => states?.includes(state)) },
    nodes: () => nodes
  })

for (const [what, machine, { enrolments = [], nodes = [] }, verdict, finding] of cases) {
  t.test(`a machine ${what}: ${verdict ?? 'not judged'}`, async (t) => {
    const check = await machines([machine, ...enrolments], nodes).check(machine)
    t.equal(check?.verdict, verdict)
    if (finding !== undefined) t.match(check?.finding, finding)
    if (verdict === 'fail') t.ok(check?.why && check.remedy?.length)
  })
}

t.test('the remedy is for the shared id, and names the other machine', async (t) => {
  const machine = enrolled('a', { machineId: one, productUuid: uuid })
  const check = await machines([machine, enrolled('b', { productUuid: uuid })], [node('c', one)]).check(machine)
  t.same(check?.remedy, [
    'rm /etc/machine-id',
    'systemd-machine-id-setup',
    '# then reboot',
    '# give the virtual machine a UUID and MAC addresses of its own',
    '# then, on your own machine: joinery code create --name a',
    '# if c is this very machine, under its former name: kubectl delete node c',
    '# if b is this very machine, under its former name: joinery reject b'
  ])
  t.same(wrongRemedyLines(check?.remedy ?? []), [], 'each line is one command or a comment')
})

t.test('a check that is ignored only warns, and says so', async (t) => {
  const machine = enrolled('a', { machineId: one }, { terms: { policy: { ignore: ['unique-machine'] } } })
  t.match(await machines([machine], [node('c', one)]).check(machine), { verdict: 'warn', ignored: true })
})

t.test('while the Nodes are unknown only enrolments are compared, and the rest is skipped', async (t) => {
  const machine = enrolled('a', { machineId: one })
  t.match(await machines([machine], undefined).check(machine), { verdict: 'skipped', finding: /not known yet/ })
  const twin = enrolled('b', { machineId: one })
  t.match(await machines([machine, twin], undefined).check(machine), { verdict: 'fail' })
})

t.test('the check follows each commit, also during its first read', async (t) => {
  const [machine, twin] = [enrolled('a', { machineId: one }), enrolled('b', { machineId: one })]
  const read = Promise.withResolvers<EnrolmentDocument[]>()
  const unique = new UniqueMachines({ store: { enrolments: () => read.promise }, nodes: () => [] })
  const check = unique.check(machine)
  unique.note({ ...twin, state: 'rejected' })
  read.resolve([machine, twin])
  t.match(await check, { verdict: 'pass' }, 'what was read is older')
  unique.note(twin)
  t.match(await unique.check(machine), { verdict: 'fail' })
  unique.note({ ...twin, facts: { ...noFacts, machineId: two } })
  t.match(await unique.check(machine), { verdict: 'pass' })
})

t.test('a store that could not be read is read again', async (t) => {
  let broken = true
  const store = {
    enrolments: async () => {
      if (broken) throw new Error('the disk is away')
      return []
    }
  }
  const unique = new UniqueMachines({ store, nodes: () => [] })
  await t.rejects(unique.check(enrolled('a', {})), { message: 'the disk is away' })
  broken = false
  t.match(await unique.check(enrolled('a', {})), { verdict: 'pass' })
})

t.test('the finding names a few of ten thousand copies of one image', async (t) => {
  const copies = Array.from({ length: 10_000 }, (_, index) => enrolled(`m${index}`, { machineId: one, macs: [mac] }))
  const unique = machines(copies, [])
  for (const copy of copies) {
    const check = await unique.check(copy)
    if (check?.verdict !== 'fail' || check.finding.length > 400) t.fail(check?.finding ?? 'not judged')
  }
})
