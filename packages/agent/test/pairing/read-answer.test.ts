import { EventEmitter, once } from 'node:events'
import { mock } from 'node:test'
import { memoryFiles } from '@joinery/fake-machine'
import { agentRoutes, ProblemError } from '@joinery/protocol'
import { agentsFront, type FrontAnswer } from '@joinery/testing/front/agents-front'
import { serverHost } from '@joinery/testing/pairing/server-host'
import { factsOf } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'
import { loadIdentity } from '../../src/keys/identity.ts'
import { httpPairingServer, isAnswer, isProblem } from '../../src/pairing/http-pairing-server.ts'
import { Unreachable } from '../../src/pairing/pairing-server.ts'
import { systemClock } from '../../src/program/clock.ts'

const enrolment = {
  id: 'e1',
  revision: 1,
  state: 'pending',
  name: 'worker-1',
  role: 'worker',
  attempt: 0,
  message: 'waits',
  policy: { ignore: ['swap'] },
  recovery: { state: 'waiting' }
}
const credential = {
  attempt: 1,
  nodeName: 'worker-1',
  server: 'https://10.0.0.1:6443',
  certificateAuthority: '-----BEGIN CERTIFICATE-----',
  expires: '2026-01-01T00:10:00.000Z'
}
const taints = [{ key: 'a', value: '', effect: 'NoSchedule' }]
const cluster = {
  version: 'v1.37.2',
  podSubnets: ['10.244.0.0/16'],
  serviceSubnets: [],
  controlPlanes: ['10.0.0.1:6443'],
  kubelet: { cgroupDriver: 'systemd', maxPods: 110 },
  prefetch: [{ image: 'registry.k8s.io/pause:3.10' }],
  time: '2026-01-01T00:00:00.000Z'
}
const samples: [route: keyof typeof agentRoutes, status: number, content: object][] = [
  ['enrol', 201, enrolment],
  ['wait', 200, enrolment],
  ['outcome', 202, enrolment],
  ['cluster', 200, cluster],
  ['reachability', 200, { address: '192.0.2.1', ports: [{ port: 10250, reach: 'open' }] }],
  ['claim', 200, { ...credential, taints, token: 'abcdef.0123456789abcdef' }],
  ['claim', 200, { ...credential, certificate: '-----BEGIN CERTIFICATE-----' }],
  ['claimRecovery', 200, { ...credential, certificate: '-----BEGIN CERTIFICATE-----' }]
]

/** The content with one value changed, for each value in it. */
const changed = (content: unknown, to: unknown): unknown[] => {
  if (typeof content !== 'object' || content === null) return [to]
  return Object.entries(content).flatMap(([name, part]) => {
    const copies = changed(part, to).concat(typeof part === 'object' ? [to] : [])
    return copies.map((copy) =>
      Array.isArray(content) ? Object.assign([...content], { [name]: copy }) : { ...content, [name]: copy }
    )
  })
}

t.test('C17: an answer has the types that its route says, each of them', async (t) => {
  for (const [name, status, content] of samples) {
    const route = agentRoutes[name]
    t.ok(isAnswer(route, status, content), name)
    for (const wrong of [null, true, [[5]]]) {
      for (const copy of changed(content, wrong))
        t.notOk(isAnswer(route, status, copy), `${name}: ${JSON.stringify(copy)}`)
    }
    for (const wrong of [null, 'text', 5, [], {}]) t.notOk(isAnswer(route, status, wrong), `${name}: ${wrong}`)
    t.notOk(isAnswer(route, 299, content), `${name}: a status that it does not have`)
  }
  t.ok(isAnswer(agentRoutes.wait, 204, null))
  t.notOk(isAnswer(agentRoutes.claim, 204, null))
})

t.test('a newer server may say more', async (t) => {
  const { wait, cluster: clusterRoute, claim } = agentRoutes
  const more = {
    ...enrolment,
    state: 'parked',
    role: 'edge',
    recovery: { state: 'later', why: {} },
    policy: { ignore: [], more: 1 },
    next: [1]
  }
  t.ok(isAnswer(wait, 200, more))
  t.ok(isAnswer(clusterRoute, 200, { ...cluster, kubeProxyMode: 'ebpf', etcd: 'none', kubelet: { cgroupDriver: 'x' } }))
  const newer = [{ key: 'a', value: '', effect: 'Later', since: 1 }]
  t.ok(isAnswer(claim, 200, { ...credential, taints: newer, token: 'abcdef.0123456789abcdef' }))
})

t.test('a problem is one whose texts are texts', async (t) => {
  const { body } = new ProblemError('code-not-accepted')
  t.ok(isProblem({ ...body, more: {} }))
  for (const wrong of [{ detail: {} }, { remedy: 5 }, { code: ['x'] }, { title: null }])
    t.notOk(isProblem({ ...body, ...wrong }))
})

/** An agent's client of a played server. */
const open = async (t: Test) => {
  const { folder, pin } = await serverHost(t)
  const front = await agentsFront(t, `${folder}/server`)
  const identity = await loadIdentity(memoryFiles(), '', factsOf('one'))
  const client = httpPairingServer(front.url, pin, async () => identity, systemClock)
  t.teardown(() => client.close())
  return { client, answers: (answer: FrontAnswer) => Object.assign(front, { answer: () => answer }) }
}

t.test('C17: an answer of other types, or one that is too long, is none, and the agent tries again', async (t) => {
  const { client, answers } = await open(t)
  const token = 'abcdef.0123456789abcdef'
  for (const [what, body] of [
    ['a name that is no text', { ...credential, token, nodeName: { a: 1 } }],
    ['no server', { ...credential, token, server: null }],
    ['too long', { ...credential, token, more: 'x'.repeat(300_000) }]
  ] as const) {
    answers({ status: 200, body })
    const error = await client.claim().catch((reason: Error) => reason)
    t.type(error, Unreachable, what)
    t.notMatch(String(error), token, `${what}: what it has is not repeated`)
  }
  answers({ status: 403, body: { ...new ProblemError('code-not-accepted').body, detail: { a: 1 } } })
  t.match(await client.claim().catch((reason: Error) => reason), { message: /answers with HTTP status 403$/ })
  const sealed = 'x'.repeat(65_536)
  answers({ status: 200, body: { ...credential, token, sealed } })
  t.match(await client.claim(), { sealed, nodeName: 'worker-1' }, 'the longest answer has room')
})

t.test('C17: an answer that comes a byte at a time, without end, is none', async (t) => {
  const { client, answers } = await open(t)
  const bytes = new EventEmitter()
  const some = async () => {
    for (let left = 5; left > 0; left -= 1) await once(bytes, 'byte')
  }
  answers({ drips: () => bytes.emit('byte') })
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const claimed = client.claim().catch((reason: Error) => reason)
  await some()
  mock.timers.tick(100_000)
  const error = await Promise.race([claimed, some()])
  t.type(error, Unreachable)
  t.match(error, { message: /it does not answer$/ })
})
