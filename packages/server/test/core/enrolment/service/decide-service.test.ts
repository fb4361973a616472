import { startupTaint, states } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { serviceView, serviceWords } from '../../../../src/core/enrolment/facts/node.ts'
import {
  awaitsService,
  decideInService,
  decideService,
  mayWait,
  mustOpen
} from '../../../../src/core/enrolment/service/decide-service.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'
import type {
  EnrolmentDocument,
  ServiceDocument
} from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-01T01:00:00Z')
const at = now.toISOString()
const opened = '2026-01-01T00:59:00.000Z'
const since = '2026-01-01T00:59:30.000Z'
const gate = 'condition:example.org/Storage'
const missing = 'condition example.org/Storage of the Node is not True'
const key = 'joinery.dev/not-in-service'

const held: Partial<ClusterNode> = { conditions: ['example.org/Storage'] }
const tainted = { taints: [startupTaint] }
const node = (part: Partial<ClusterNode> = {}) => aNode('worker-1', { uid: 'n1', ready: 'True', ...part })
const enrolment = (service?: Partial<ServiceDocument>, part: EnrolmentPart = {}) =>
  anEnrolment(
    'e1',
    {
      state: 'ready',
      name: 'worker-1',
      facts: { machineId: 'm1', productUuid: 'U1' },
      terms: { readyWhen: [gate] },
      join: { attempts: [{}] },
      node: { uid: 'n1', condition: 'Ready' },
      ...(service && { service: { node: 'n1', ...service } })
    },
    part
  )
const decide = (document: EnrolmentDocument, seen: ClusterNode, time = now) =>
  decideService(document, { node: seen, pods: undefined }, time)

interface Row {
  service?: Partial<ServiceDocument>
  node: Partial<ClusterNode>
  /** The service afterwards. Undefined if nothing is decided. */
  after?: Partial<ServiceDocument>
  /** Its entries. */
  told?: string[]
}

const notYet = { notYet: [missing] }
const told = { told: { count: 1, at } }

/** The table of `decideService`, and what is beside it. */
const rows: Record<string, Row> = {
  'gates that do not hold': {
    node: tainted,
    after: { ...notYet, ...told },
    told: [`not-in-service not yet: ${missing}`]
  },
  'the same as before': { service: notYet, node: tainted },
  'gates that hold': { service: notYet, node: { ...held, ...tainted }, after: { opened: at }, told: [] },
  'gates that hold at the first look': { node: { ...held, ...tainted }, after: { opened: at }, told: [] },
  'the taint is gone behind the commit': {
    service: { opened },
    node: held,
    after: { opened, since: at },
    told: [`in-service ${gate}`]
  },
  'and a gate was lost meanwhile': {
    service: { opened },
    node: {},
    after: { opened, since: at },
    told: [`in-service ${gate}`]
  },
  'the taint is still there, and the gates hold': { service: { opened }, node: { ...held, ...tainted } },
  'the taint is still there, and a gate was lost': {
    service: { opened },
    node: tainted,
    after: { ...notYet, ...told },
    told: [`not-in-service not yet: ${missing}`]
  },
  'somebody took the taint away, and the gates hold': {
    service: notYet,
    node: held,
    after: { opened: at, since: at },
    told: [`in-service ${gate}`]
  },
  'somebody took the taint away, and the gates do not hold': {
    node: {},
    after: { notYet: [missing, `the Node has no taint ${key}, so Pods come already`], ...told },
    told: [`not-in-service not yet: ${missing}; the Node has no taint ${key}, so Pods come already`]
  },
  'a Node that is not Ready': {
    node: { ...held, ...tainted, ready: 'False' },
    after: { notYet: ['the Node is not Ready'], ...told },
    told: ['not-in-service not yet: the Node is not Ready']
  },
  'in service, and a gate is lost': { service: { opened, since }, node: {} },
  'in service, and the Node is not Ready': { service: { opened, since }, node: { ready: 'False' } },
  'in service, and the taint is put back': {
    service: { opened, since },
    node: { ...held, ...tainted },
    after: { opened, since, putBack: true },
    told: [`taint-put-back somebody put ${key} back on the Node, and Joinery leaves it there`]
  },
  'put back, and still there': { service: { opened, since, putBack: true }, node: tainted },
  'put back, and gone again': {
    service: { opened, since, putBack: true },
    node: {},
    after: { opened, since, putBack: false },
    told: []
  },
  'put back once more': {
    service: { opened, since, putBack: false },
    node: tainted,
    after: { opened, since, putBack: true },
    told: []
  },
  'another Node of the machine': {
    service: { node: 'n0', opened, since },
    node: tainted,
    after: { ...notYet, ...told },
    told: [`not-in-service not yet: ${missing}`]
  },
  'another Node of the machine, and the gates held for the one before': {
    service: { node: 'n0', opened },
    node: { ...held, ...tainted },
    after: { opened: at },
    told: []
  }
}

for (const [what, { service, node: part, after, told: entries }] of Object.entries(rows)) {
  t.test(what, async (t) => {
    const document = enrolment(service)
    const decision = decide(document, node(part))
    const { service: decided } = decision?.enrolment ?? {}
    t.same(decided, after && { node: 'n1', ...after })
    t.same(
      decision?.entries.map(({ event, detail }) => `${event} ${detail}`),
      entries
    )
    if (decision !== undefined) {
      t.same({ ...decision.enrolment, service: undefined }, { ...document, service: undefined }, 'nothing else changes')
    }
    const isAwaited = service?.since === undefined || service.node !== undefined || decision !== undefined
    t.equal(awaitsService(document, node(part)), isAwaited)
  })
}

/** The enrolment, its Node, and what is wrong with it. */
const others: Record<string, [EnrolmentDocument, ClusterNode]> = {
  'a code without gates': [enrolment(), node()],
  'another Node than the one that is known': [enrolment({ opened }), node({ ...held, ...tainted, uid: 'n2' })],
  'the Node of another machine': [enrolment({ opened }), node({ ...held, ...tainted, machineId: 'm2' })],
  'an enrolment that others can be': [
    enrolment({ opened }, { certificates: { untrusted: 'a stray certificate' } }),
    node({ ...held, ...tainted })
  ]
}

for (const [what, [document, seen]] of Object.entries(others)) {
  t.test(`nothing is decided for ${what}`, async (t) => {
    const one = what === 'a code without gates' ? { ...document, terms: {} } : document
    t.equal(decide(one, seen), undefined)
    t.notOk(awaitsService(one, seen))
    t.notOk(mustOpen(one, seen))
  })
}

t.test('only the Node of a ready enrolment comes into service', async (t) => {
  for (const state of states) {
    const document = enrolment({ opened }, { state })
    const seen = node({ ...held, ...tainted })
    t.equal(mustOpen(document, seen), state === 'ready', state)
    t.equal(awaitsService(document, seen), state === 'ready', state)
    if (state !== 'ready') t.equal(decide(document, seen), undefined, state)
  }
  t.notOk(awaitsService(enrolment(), undefined))
})

t.test('the taint goes only between the commit that all gates held and the one that it was gone', async (t) => {
  const cases: [Partial<ServiceDocument> | undefined, Partial<ClusterNode>, boolean][] = [
    [undefined, tainted, false],
    [notYet, tainted, false],
    [{ opened }, tainted, true],
    [{ opened }, {}, false],
    [{ opened, since }, tainted, false],
    [{ node: 'n0', opened }, tainted, false]
  ]
  for (const [service, part, goes] of cases) {
    t.equal(mustOpen(enrolment(service), node({ ...held, ...part })), goes, JSON.stringify(service))
  }
})

t.test('what is noted after the taint is gone rests on the commit before', async (t) => {
  t.match(decideInService(enrolment({ opened }), 'n1', now)?.enrolment.service, { opened, since: at })
  t.equal(decideInService(enrolment(notYet), 'n1', now), undefined, 'withdrawn meanwhile')
  t.equal(decideInService(enrolment({ opened, since }), 'n1', now), undefined, 'a twin was faster')
  t.equal(decideInService(enrolment({ opened }), 'n2', now), undefined, 'of another Node')
})

t.test('a decision may wait for its budget, but not one that ends the taking away', async (t) => {
  t.ok(mayWait(enrolment(), node()))
  t.ok(mayWait(enrolment(notYet), node()))
  t.notOk(mayWait(enrolment({ opened }), node()))
  t.ok(mayWait(enrolment({ opened, since }), node()))
  t.ok(mayWait(enrolment({ node: 'n0', opened }), node()))
})

t.test('what is missing is told ten times, and after that by one entry that counts', async (t) => {
  let document = enrolment()
  const entries = []
  for (let turn = 0; turn < 14; turn += 1) {
    const time = new Date(now.getTime() + turn * 1000)
    const seen = node({ ...tainted, ready: turn % 2 === 0 ? 'True' : 'False' })
    const decision = decide(document, seen, time)
    document = decision?.enrolment ?? document
    entries.push(...(decision?.entries ?? []))
  }
  t.equal(entries.length, 14)
  const kept = new Map(entries.map((one) => [one.at, one]))
  t.equal(kept.size, 10, 'an entry with the same time takes the place of the one before')
  t.match([...kept.values()].at(-1), { count: 5, last: '2026-01-01T01:00:13.000Z', detail: /the Node is not Ready/ })
})

t.test('the service is shown from ready on, and only with gates', async (t) => {
  const cases: [EnrolmentDocument, object, string][] = [
    [enrolment(undefined, { state: 'joined' }), {}, ''],
    [
      enrolment(undefined),
      { notYet: ['the server has not looked at the gates yet'] },
      '; not yet in service: the server has not looked at the gates yet'
    ],
    [enrolment(notYet), notYet, `; not yet in service: ${missing}`],
    [enrolment({ notYet: ['a', 'b', 'c'] }), { notYet: ['a', 'b', 'c'] }, '; not yet in service: a, and 2 more'],
    [
      enrolment({ opened }),
      { notYet: [`the server takes ${key} away`] },
      `; not yet in service: the server takes ${key} away`
    ],
    [enrolment({ opened, since }), { inService: since }, '; in service'],
    [enrolment({ opened, since, putBack: true }), { inService: since }, `; in service, and somebody put ${key} back`],
    [
      enrolment({ node: 'n0', opened, since }),
      { notYet: ['the server has not looked at the gates yet'] },
      '; not yet in service: the server has not looked at the gates yet'
    ],
    [enrolment({ opened, since }, { state: 'removed' }), {}, '']
  ]
  for (const [document, view, words] of cases) {
    t.same(serviceView(document), view)
    t.equal(serviceWords(document), words)
  }
  t.same(serviceView({ ...enrolment(), terms: {} }), {})
})
