import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { connect } from '@joinery/kube'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { ban, unban } from '../../../../src/adapters/kubernetes/nodes/ban.ts'
import { settleBannedLeases } from '../../../../src/adapters/kubernetes/nodes/settle-banned-leases.ts'
import { leasesAtMost } from '../../../../src/core/ports/cluster/banned-leases.ts'

const label = 'joinery.dev/banned'
const list = 'configmaps/joinery-banned'
const labelledLease = (name: string) => ({
  metadata: {
    name,
    labels: { [label]: '' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: `node-of-${name}` }]
  },
  spec: { holderIdentity: name, leaseDurationSeconds: 40 }
})

interface State {
  banned?: string[]
  /** Names that have a Lease, and those whose Lease has the label. */
  leases?: string[]
  labelled?: string[]
  /** Names that are not on the ban list any more when it is read for the second time. */
  lifted?: string[]
  /** What a write of a Lease is answered instead, by its method and name; how often, or always. */
  refused?: Record<string, { status: number; times?: number }>
}

type Answer = [status: number, body: object]

interface LeaseBody {
  metadata?: { name: string }
  preconditions?: { uid?: string }
}

/** Gives what was read, each write with its body, what Leases there are, and how many were written at once at most. */
const server = async (t: Test, { banned = [], leases = [], labelled = [], lifted = [], refused = {} }: State) => {
  const read: string[] = []
  const written: [what: string, body: object][] = []
  const lists = [banned, banned.filter((name) => !lifted.includes(name))]
  /** Name to uid, and whether it has the label. */
  const there = new Map<string, { uid: string; labelled: boolean }>()
  for (const name of leases) there.set(name, { uid: `lease-of-${name}`, labelled: false })
  for (const name of labelled) there.set(name, { uid: `lease-of-${name}`, labelled: true })
  const seen = { now: 0, atOnce: 0 }
  const answerRead = (url: URL): Answer => {
    const [kind = '', last = ''] = url.pathname.split('/').slice(-2)
    read.push(`${kind}/${last}${url.search}`)
    if (kind === 'nodes') {
      return last.startsWith('cp-')
        ? [200, { metadata: { name: last, uid: `node-of-${last}` } }]
        : [404, { message: 'not found' }]
    }
    if (last === 'leases') {
      if (refused.list !== undefined) return [refused.list.status, { message: 'no' }]
      const field = url.searchParams.get('fieldSelector')
      const found = [...there].filter(
        ([name, lease]) => lease.labelled && [null, `metadata.name=${name}`].includes(field)
      )
      return [200, { items: found.map(([name, { uid }]) => ({ metadata: { name, uid } })) }]
    }
    const names = (lists.length > 1 ? lists.shift() : lists[0]) ?? []
    return [200, { metadata: { name: last }, data: Object.fromEntries(names.map((one) => [one, 'why'])) }]
  }
  const refusal = (what: string): number | undefined => {
    const instead = refused[what]
    if (instead === undefined || instead.times === 0) return undefined
    if (instead.times !== undefined) instead.times -= 1
    return instead.status
  }
  const answerWrite = (method: string, last: string, body: LeaseBody): Answer => {
    if (method === 'PATCH') {
      written.push([list, body])
      return [200, {}]
    }
    const name = method === 'POST' ? (body.metadata?.name ?? '') : last
    const status = refusal(`${method} ${name}`)
    // its kubelet was faster
    if (method === 'POST' && status === 409) there.set(name, { uid: 'again', labelled: false })
    if (status !== undefined) return [status, { message: 'no' }]
    if (method === 'POST') {
      written.push([`made ${name}`, body])
      there.set(name, { uid: 'new', labelled: true })
      return [201, body]
    }
    const lease = there.get(name)
    if (lease === undefined) return [404, { message: 'not found' }]
    const uid = body.preconditions?.uid
    if (uid !== undefined && uid !== lease.uid) return [409, { message: 'another one' }]
    written.push([`deleted ${name}`, body])
    there.delete(name)
    return [200, {}]
  }
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const { method = '' } = request
    const url = new URL(request.url ?? '', 'http://any')
    if (method === 'GET') return answerRead(url)
    seen.now += 1
    seen.atOnce = Math.max(seen.atOnce, seen.now)
    const body = JSON.parse(await text(request))
    await new Promise(setImmediate)
    seen.now -= 1
    return answerWrite(method, url.pathname.split('/').at(-1) ?? '', body)
  }
  const api = await apiServer(t, async (request, response) => {
    const [status, body] = await answerTo(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  return { api: connect(api.kubeconfig('secret')), read, written, there, seen }
}

const whats = (written: readonly [string, object][]) => written.map(([what]) => what)

t.test('a ban writes the ban list first, and then puts a labelled Lease in the place of the own one', async (t) => {
  const { api, written } = await server(t, { leases: ['cp-1'] })
  await ban(api, 'cp-1', 'why')
  t.match(written, [
    [list, { data: { 'cp-1': 'why' } }],
    ['deleted cp-1', Object],
    ['made cp-1', labelledLease('cp-1')]
  ])
  await ban(api, 'cp-1', 'again')
  t.same(whats(written.slice(3)), [list], 'it has its label')
})

t.test('an unban deletes only a Lease with the label, and cleans the ban list last', async (t) => {
  const { api, written } = await server(t, { leases: ['cp-2'], labelled: ['cp-1', 'cp-3'] })
  await unban(api, 'cp-1')
  await unban(api, 'cp-2')
  t.same(written, [
    ['deleted cp-1', { preconditions: { uid: 'lease-of-cp-1' } }],
    [list, { data: { 'cp-1': null } }],
    [list, { data: { 'cp-2': null } }]
  ])
})

t.test('without a Node or a Lease a ban has no heartbeat to stop', async (t) => {
  const { api, written } = await server(t, { leases: ['worker-1'] })
  await ban(api, 'worker-1', 'why')
  await ban(api, 'cp-1', 'why')
  t.same(whats(written), [list, list])
})

t.test('ban and unban work in a cluster that an earlier version set up (403)', async (t) => {
  for (const what of ['list', 'DELETE cp-1']) {
    const { api, written } = await server(t, { leases: ['cp-1'], refused: { [what]: { status: 403 } } })
    await ban(api, 'cp-1', 'why')
    await unban(api, 'cp-1')
    t.same(whats(written), [list, list], what)
  }
})

t.test('if a write is cut, the caller gets the error and can repeat it, since the name is still banned', async (t) => {
  const { api, there, written } = await server(t, {
    leases: ['cp-1'],
    labelled: ['cp-2'],
    refused: { 'DELETE cp-1': { status: 503, times: 1 }, 'DELETE cp-2': { status: 503, times: 1 } }
  })
  await t.rejects(ban(api, 'cp-1', 'why'), { code: 503 })
  await t.rejects(unban(api, 'cp-2'), { code: 503 })
  t.match(written, [[list, { data: { 'cp-1': 'why' } }]])
  await ban(api, 'cp-1', 'why')
  await unban(api, 'cp-2')
  t.match([...there], [['cp-1', { labelled: true }]])
})

t.test('a ban tries again if a kubelet makes its Lease meanwhile, and gives up if it always does', async (t) => {
  const once = await server(t, { leases: ['cp-1'], refused: { 'POST cp-1': { status: 409, times: 1 } } })
  await ban(once.api, 'cp-1', 'why')
  t.same(whats(once.written), [list, 'deleted cp-1', 'deleted cp-1', 'made cp-1'])
  const always = await server(t, { leases: ['cp-1'], refused: { 'POST cp-1': { status: 409 } } })
  await ban(always.api, 'cp-1', 'why')
  t.same(whats(always.written), [list, 'deleted cp-1', 'deleted cp-1', 'deleted cp-1'])
})

const settled: [what: string, state: State, written: string[]][] = [
  ['nobody is banned', { leases: ['cp-1'] }, []],
  ['only those without a Node are banned', { banned: ['worker-1'], leases: ['worker-1'] }, []],
  ['the labels are right', { banned: ['cp-1'], labelled: ['cp-1'] }, []],
  ['a ban was cut after the ban list', { banned: ['cp-1'], leases: ['cp-1'] }, ['deleted cp-1', 'made cp-1']],
  ['a ban was cut before the labelled Lease', { banned: ['cp-1'] }, []],
  ['somebody took a name off the ban list by hand', { labelled: ['cp-1'] }, ['deleted cp-1']],
  ['the Node came after the Nodes were listed', { banned: ['cp-9'], labelled: ['cp-9'] }, []],
  [
    'a claim lifts the ban meanwhile',
    { banned: ['cp-1'], lifted: ['cp-1'], leases: ['cp-1'] },
    ['deleted cp-1', 'made cp-1', 'deleted cp-1']
  ]
]
const nodes = ['cp-1', 'cp-2'].map((name) => ({ name, uid: `node-of-${name}` }))
for (const [what, state, expected] of settled)
  t.test(`if ${what}, the Leases become or stay right`, async (t) => {
    const { api, read, written } = await server(t, state)
    t.equal(await settleBannedLeases(api, nodes, 0), 0)
    t.same(whats(written), expected)
    const leases = `kube-node-lease/leases?labelSelector=${encodeURIComponent(label)}&limit=250`
    t.same(read.slice(0, 2), [leases, list], 'Leases first')
  })

t.test(
  'the labelled Lease of a banned Node that stays Ready goes, and the next look labels what its kubelet made',
  async (t) => {
    const { api, written } = await server(t, { banned: ['cp-1', 'cp-2'], labelled: ['cp-1', 'cp-2'] })
    const ready = nodes.map((node) => ({
      ...node,
      ready: node.name === 'cp-1' ? ('True' as const) : ('Unknown' as const)
    }))
    await settleBannedLeases(api, ready, 1)
    t.same(whats(written), [])
    await settleBannedLeases(api, ready, 2)
    t.same(whats(written), ['deleted cp-1'])
  }
)

t.test('a Lease that somebody else made meanwhile stays', async (t) => {
  const { api } = await server(t, { labelled: ['cp-1'], refused: { 'DELETE cp-1': { status: 409 } } })
  t.equal(await settleBannedLeases(api, nodes, 0), 0)
})

t.test('a Lease that fails holds up no other, and is an error', async (t) => {
  const { api, written } = await server(t, {
    banned: ['cp-1', 'cp-2'],
    leases: ['cp-1', 'cp-2'],
    labelled: ['worker-1', 'worker-2'],
    refused: { 'POST cp-1': { status: 503 }, 'DELETE worker-1': { status: 500 } }
  })
  await t.rejects(settleBannedLeases(api, nodes, 0), { code: 500 })
  t.same(whats(written).sort(), ['deleted cp-1', 'deleted cp-2', 'deleted worker-2', 'made cp-2'])
})

t.test('a few Leases are labelled at a time, and the rest the next time', async (t) => {
  const banned = Array.from({ length: leasesAtMost + 20 }, (_, index) => `node-${1000 + index}`)
  const { api, there, seen } = await server(t, { banned, leases: banned })
  const all = banned.map((name) => ({ name, uid: 'any' }))
  t.equal(await settleBannedLeases(api, all, 0), 20)
  t.ok(seen.atOnce <= 4)
  t.equal(await settleBannedLeases(api, all, 1), 0)
  t.ok([...there.values()].every(({ labelled }) => labelled))
})
