import type { TracedNode } from '@joinery/protocol'
import { ago, node } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'
import { parse } from 'yaml'

const listed = (...items: TracedNode[]) => ({ listNodes: () => ({ items }) })
const { enrolment: _, ...bare } = node

const controlPlane: TracedNode = {
  ...bare,
  name: 'cp-1',
  created: ago(40 * 24 * 3600),
  roles: ['control-plane'],
  trace: 'outside',
  before: true,
  seen: ago(3600)
}
const rogue: TracedNode = {
  ...bare,
  name: 'worker-9',
  condition: 'NotReady',
  roles: [],
  trace: 'outside',
  before: false,
  seen: ago(60),
  wrong: 'it joined outside of Joinery, first seen 2026-11-25T11:59:00Z'
}
const unwanted: TracedNode = {
  ...node,
  name: 'node-2',
  trace: 'unwanted',
  enrolment: { id: 'e2', state: 'rejected' },
  wrong: 'its enrolment is rejected: not one of ours'
}

t.test('nodes shows how each Node came into the cluster, what is wrong, and what to type next', async (t) => {
  const { exitCode, out, err } = await joinery(t, listed(controlPlane, node, unwanted, rogue), 'nodes')
  t.equal(
    out,
    `NAME       STATUS     ROLES           AGE     ENROLMENT   HOW        WRONG
cp-1       Ready      control-plane   40d     <none>      outside    <none>
node-1     Ready      edge,worker     3m20s   ready       joinery    <none>
node-2     Ready      edge,worker     3m20s   rejected    unwanted   its enrolment is rejected: not one of ours
worker-9   NotReady   <none>          3m20s   <none>      outside    it joined outside of Joinery, first seen 2026-11-25T11:59:00Z
`
  )
  t.equal(err, 'Next: joinery show e2\nNext: kubectl --kubeconfig /etc/kubernetes/admin.conf describe node worker-9\n')
  t.equal(exitCode, 0)
})

t.test('U22: nodes says what is wrong with each Node that is not Ready, and what to type', async (t) => {
  const away = {
    ...node,
    condition: 'Unknown' as const,
    message: 'NodeStatusUnknown: Kubelet stopped posting node status.'
  }
  const quiet = { ...controlPlane, condition: 'NotReady' as const }
  const { out, err } = await joinery(t, listed(away, quiet), 'nodes', '--no-headers')
  t.match(
    out,
    / joinery +its kubelet says: NodeStatusUnknown: Kubelet stopped posting node status\.\n.* it is not Ready\n$/
  )
  t.equal(err, 'Next: joinery why node-1\nNext: kubectl --kubeconfig /etc/kubernetes/admin.conf describe node cp-1\n')
})

t.test('nodes -o wide adds the ids of each Node and its machine', async (t) => {
  const { out } = await joinery(t, listed(node, rogue), 'nodes', '-o', 'wide', '--no-headers')
  t.equal(
    out,
    `node-1     Ready      edge,worker   3m20s   ready    joinery   e1       uid-1   0123456789abcdef0123456789abcdef   4c4c4544-0042-3510-8052-b4c04f4e3732   <none>                 <none>   <none>   <none>   <none>
worker-9   NotReady   <none>        3m20s   <none>   outside   <none>   uid-1   0123456789abcdef0123456789abcdef   4c4c4544-0042-3510-8052-b4c04f4e3732   2026-11-25T11:59:00Z   <none>   <none>   <none>   it joined outside of Joinery, first seen 2026-11-25T11:59:00Z
`
  )
})

t.test('nodes -o wide has the version that each agent said last, and nodes names those that are too old', async (t) => {
  const { since } = { since: ago(60) }
  const some = Array.from({ length: 18 }, (_, index) => ({
    ...node,
    name: `old-${index}`,
    agent: { version: '0.1.0', since, tooOld: true as const }
  }))
  const fresh = { ...node, agent: { version: '0.5.0', since } }
  const { out, err } = await joinery(t, listed(fresh, ...some), 'nodes', '-o', 'wide', '--no-headers')
  t.match(out, /^node-1 .* 0\.5\.0 +<none>\nold-0 .* 0\.1\.0 +<none>\n/)
  t.match(
    err,
    /^joinery-agent is too old for this server on 18 of these: old-0, .*, old-15, \.\.\.; upgrade that package there\n$/
  )
  t.equal((await joinery(t, listed(fresh), 'nodes')).err, '')
})

t.test('nodes prints the answer of the server for programs, and nothing for people', async (t) => {
  const nodes = (format: string) => joinery(t, listed(node, rogue), 'nodes', '-o', format)
  const [json, yaml, name] = [await nodes('json'), await nodes('yaml'), await nodes('name')]
  t.same(JSON.parse(json.out), { items: [node, rogue] })
  t.same(parse(yaml.out), { items: [node, rogue] })
  t.equal(name.out, 'node/node-1\nnode/worker-9\n')
  t.same([json.err, yaml.err, name.err], ['', '', ''])
})

t.test('nodes of a cluster without any says so and leaves the data empty', async (t) => {
  const { out, err, exitCode } = await joinery(t, listed(), 'nodes')
  t.match({ out, err, exitCode }, { out: '', err: 'The cluster has no Node yet.\nNext: joinery list\n', exitCode: 0 })
})

t.test('nodes shows text from a kubelet without obeying it', async (t) => {
  const evil = 'x\u001b[2J\u202e'
  const hostile = { ...rogue, name: evil, machineId: evil, systemUuid: evil, roles: [evil], wrong: evil, message: evil }
  const { out, err } = await joinery(t, listed(hostile), 'nodes', '-o', 'wide')
  t.notMatch(out + err, /[^\n\x20-\x7e]/)
  t.match(out, 'x\\u{1b}[2J\\u{202e}')
})
