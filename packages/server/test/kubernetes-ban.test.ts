import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { ban, unban } from '../src/cluster/kubernetes/ban.ts'
import { connect } from '../src/cluster/kubernetes/connection.ts'
import { settleBannedNodes } from '../src/cluster/kubernetes/settle-banned-nodes.ts'
import { apiServer } from './support/api-server.ts'

const [list, short] = ['joinery-banned', 'joinery-banned-nodes']
const label = 'joinery.dev/banned-nodes'

interface State {
  nodes: string[]
  banned: Record<string, string>
  listed: Record<string, string>
  labels?: Record<string, string>
  /** What a write of the short list is answered instead. */
  refused?: number
}

/** Gives what was asked for, and each write with its body. */
const server = async (t: Test, state: State) => {
  const asked: string[] = []
  const written: [name: string, body: object][] = []
  const api = await apiServer(t, async (request, response) => {
    const { method, url = '' } = request
    const [kind, name = ''] = url.replace(/[?].*/, '').split('/').slice(-2)
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    asked.push(`${method} ${kind}/${name}`)
    if (kind === 'nodes')
      return state.nodes.includes(name) ? answer(200, { metadata: { name } }) : answer(404, { message: 'not found' })
    if (method !== 'PATCH') {
      const metadata = { name, resourceVersion: '7', labels: state.labels }
      return answer(200, { metadata, data: name === list ? state.banned : state.listed })
    }
    if (name === short && state.refused !== undefined) return answer(state.refused, { message: 'no' })
    written.push([name, JSON.parse(await text(request))])
    return answer(200, { metadata: { name } })
  })
  return { api: connect(api.kubeconfig('secret')), asked, written }
}

const labelled = { labels: { [label]: '' } }

t.test('a ban goes into the ban list first, and into the short one where the Node is there', async (t) => {
  const { api, asked, written } = await server(t, { nodes: ['cp-1'], banned: {}, listed: {} })
  await ban(api, 'cp-1', 'why')
  t.same(written, [
    [list, { data: { 'cp-1': 'why' } }],
    [short, { data: { 'cp-1': '' }, metadata: labelled }]
  ])
  await ban(api, 'worker-1', 'why')
  t.same(asked.slice(3), [`PATCH configmaps/${list}`, 'GET nodes/worker-1'])
})

t.test('an unban takes the name off the ban list first', async (t) => {
  const { api, written } = await server(t, { nodes: [], banned: { 'cp-1': 'why' }, listed: { 'cp-1': '' } })
  await unban(api, 'cp-1')
  t.same(written, [
    [list, { data: { 'cp-1': null } }],
    [short, { data: { 'cp-1': null } }]
  ])
})

for (const refused of [403, 404])
  t.test(`in a cluster that an earlier version set up (${refused}) ban and unban are done all the same`, async (t) => {
    const { api, written } = await server(t, { nodes: ['cp-1'], banned: {}, listed: {}, refused })
    await ban(api, 'cp-1', 'why')
    await unban(api, 'cp-1')
    t.same(
      written.map(([name]) => name),
      [list, list]
    )
  })

t.test('where the second write is cut the caller hears of it, and does it again', async (t) => {
  const { api } = await server(t, { nodes: ['cp-1'], banned: {}, listed: {}, refused: 503 })
  await t.rejects(ban(api, 'cp-1', 'why'), { code: 503 })
  await t.rejects(unban(api, 'cp-1'), { code: 503 })
})

const nodes = [{ name: 'cp-1' }, { name: 'cp-2' }]
const settled: [what: string, state: State, written: object | undefined][] = [
  ['nobody is banned', { nodes: [], banned: {}, listed: {} }, undefined],
  ['only those without a Node are banned', { nodes: [], banned: { 'worker-1': 'why' }, listed: {} }, undefined],
  ['the list is right', { nodes: ['cp-1'], banned: { 'cp-1': 'a' }, listed: { 'cp-1': '' }, ...labelled }, undefined],
  [
    'a ban was cut between the two lists',
    { nodes: ['cp-1'], banned: { 'cp-1': 'a' }, listed: {} },
    { data: { 'cp-1': '' }, metadata: labelled }
  ],
  [
    'an unban was cut between the two lists',
    { nodes: ['cp-1'], banned: {}, listed: { 'cp-1': '' }, ...labelled },
    { data: { 'cp-1': null }, metadata: { labels: { [label]: null } } }
  ],
  [
    'a Node went',
    { nodes: ['cp-1'], banned: { gone: 'a', 'cp-1': 'b' }, listed: { gone: '', 'cp-1': '' }, ...labelled },
    { data: { gone: null }, metadata: labelled }
  ],
  [
    'somebody took the label away',
    { nodes: ['cp-1'], banned: { 'cp-1': 'a' }, listed: { 'cp-1': '' } },
    { metadata: labelled }
  ],
  [
    'the last name was taken off, and the label stayed',
    { nodes: [], banned: {}, listed: {}, ...labelled },
    { metadata: { labels: { [label]: null } } }
  ],
  [
    'a Node came and was banned since the Nodes were listed',
    { nodes: ['cp-9'], banned: { 'cp-9': 'a' }, listed: { 'cp-9': '' }, ...labelled },
    undefined
  ]
]
for (const [what, state, expected] of settled)
  t.test(`where ${what}, the list becomes or stays right`, async (t) => {
    const { api, written } = await server(t, state)
    t.equal(await settleBannedNodes(api, nodes), 0)
    const asRead = { resourceVersion: '7' }
    t.match(written, expected === undefined ? [] : [[short, { ...expected, metadata: asRead }]])
    t.match(written, expected === undefined ? [] : [[short, expected]])
    t.equal(written.length, expected === undefined ? 0 : 1)
  })

t.test('what another wrote meanwhile is left for the next time', async (t) => {
  const { api } = await server(t, { nodes: ['cp-1'], banned: { 'cp-1': 'a' }, listed: {}, refused: 409 })
  t.equal(await settleBannedNodes(api, nodes), 0)
})
