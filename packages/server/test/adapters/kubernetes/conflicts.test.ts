import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { kubeletSigner } from '@joinery/kube/names'
import { startupTaint } from '@joinery/protocol'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import { writeTries } from '../../../src/core/ports/cluster/on-conflict.ts'

interface Stored {
  metadata: { name: string; uid: string; resourceVersion?: string }
  [part: string]: unknown
}

/**
 * An API server with one object, whose version it compares as the real one does (`Update` in store.go of apiserver's generic
 * registry). `meanwhile`: what somebody else puts in its place after the first read, the second one and so on; undefined: it is
 * deleted. Afterwards nobody else writes.
 */
const storing = async (t: Test, object: Stored, meanwhile: readonly (Stored | undefined)[] = []) => {
  let version = 1
  let current: Stored | undefined = object
  const others = [...meanwhile]
  let [reads, writes] = [0, 0]
  const answered = (): object => ({ ...current, metadata: { ...current?.metadata, resourceVersion: String(version) } })
  const api = await apiServer(t, async (request, response) => {
    const answer = (code: number, body: object): void => {
      response.writeHead(code, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (request.method === 'GET' && new URL(request.url ?? '', 'http://any').pathname.endsWith('requests')) {
      return answer(200, { items: current === undefined ? [] : [answered()] })
    }
    if (request.method === 'GET') {
      reads += 1
      answer(current === undefined ? 404 : 200, answered())
      if (others.length === 0) return
      current = others.shift()
      version += 1
      return
    }
    const body = JSON.parse(await text(request)) as Stored
    writes += 1
    if (current === undefined) return answer(404, { message: 'not found' })
    if (body.metadata.resourceVersion !== String(version)) {
      return answer(409, { message: 'the object has been modified; please apply your changes to the latest version' })
    }
    current = { ...current, ...body }
    version += 1
    answer(200, answered())
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  /** What somebody else writes now. */
  const write = (other: Stored | undefined): void => {
    current = other
    version += 1
  }
  return { cluster: kubernetesCluster(file), reads: () => reads, writes: () => writes, now: () => current, write }
}

const asked = { name: 'csr-1', uid: 'u1' }
const csr = (status: object = {}, uid = asked.uid): Stored => ({
  metadata: { name: asked.name, uid },
  spec: { request: '', signerName: kubeletSigner, username: 'system:bootstrap:aaaaaa' },
  status
})
const judged = (type: string) => ({ conditions: [{ type, status: 'True' }] })
/** Nothing of it that anybody judges is different. */
const same = csr()

for (const [verb, type, opposite] of [
  ['approveCsr', 'Approved', 'Denied'],
  ['denyCsr', 'Denied', 'Approved']
] as const) {
  t.test(`${verb}: a request that somebody wrote to meanwhile is read and judged again`, async (t) => {
    const { cluster, now, writes } = await storing(t, same, [same, same])
    await cluster[verb](asked)
    t.match(now(), { status: judged(type) })
    t.equal(writes(), 3)
  })

  t.test(`${verb}: a request that was judged the other way meanwhile stays as it is`, async (t) => {
    const { cluster, now, writes } = await storing(t, same, [csr(judged(opposite))])
    await t.rejects(cluster[verb](asked), { code: 'illegal-event' })
    t.same(now()?.status, judged(opposite))
    t.equal(writes(), 1, 'by the version that it had before')
  })

  t.test(`${verb}: a request that was judged the same way meanwhile is success`, async (t) => {
    const { cluster, now, writes } = await storing(t, same, [csr(judged(type))])
    await cluster[verb](asked)
    t.same(now()?.status, judged(type))
    t.equal(writes(), 1)
  })

  t.test(`${verb}: after a bounded number of tries against other writers the server gives up`, async (t) => {
    const { cluster, now, writes } = await storing(t, same, Array(100).fill(same))
    const refused = { code: 'cluster-unavailable', message: /\(409\): the object has been modified/ }
    await t.rejects(cluster[verb](asked), refused)
    t.equal(writes(), writeTries)
    t.same(now(), same)
  })
}

t.test('a request from a list is judged as it was listed, without another look', async (t) => {
  for (const [verb, type] of [
    ['approveCsr', 'Approved'],
    ['denyCsr', 'Denied']
  ] as const) {
    const { cluster, now, reads, writes } = await storing(t, same)
    const [found] = await cluster.kubeletCsrs()
    await cluster[verb](found ?? asked)
    t.match(now(), { status: judged(type) }, verb)
    t.same([reads(), writes()], [0, 1], verb)
    await cluster[verb](found ?? asked)
    t.same([reads(), writes()], [1, 1], `${verb}: a repetition rests on what is there`)
  }
})

t.test('a request that changed after it was listed is read, and judged as it is', async (t) => {
  const changes: [what: string, Stored | undefined, code: string | undefined, writes: number][] = [
    ['somebody wrote to it', same, undefined, 2],
    ['it was denied', csr(judged('Denied')), 'illegal-event', 1],
    ['it is gone', undefined, 'not-found', 1],
    ['another one has its name', csr({}, 'u2'), 'not-found', 1]
  ]
  for (const [what, other, code, expected] of changes) {
    const { cluster, reads, writes, write } = await storing(t, same)
    const [found] = await cluster.kubeletCsrs()
    write(other)
    const outcome = await cluster.approveCsr(found ?? asked).catch((error: { code: string }) => error.code)
    t.equal(outcome, code, what)
    t.same([reads(), writes()], [1, expected], what)
  }
})

t.test('approveCsr: a request that is gone, or was replaced, is not found and not approved', async (t) => {
  for (const other of [undefined, csr({}, 'u2')]) {
    const { cluster, now } = await storing(t, same, [other])
    await t.rejects(cluster.approveCsr(asked), { code: 'not-found' }, other ? 'another one' : 'gone')
    t.same(now(), other, JSON.stringify(other))
  }
})

t.test('denyCsr: a request that is gone, or was replaced, is success and not denied', async (t) => {
  for (const other of [undefined, csr({}, 'u2')]) {
    const { cluster, now } = await storing(t, same, [other])
    await cluster.denyCsr(asked)
    t.same(now(), other, JSON.stringify(other))
  }
})

t.test(
  'the startup taint: a Node that somebody wrote to meanwhile is read again, and only that taint goes',
  async (t) => {
    const [taint, other] = [
      { ...startupTaint },
      { key: 'gpu', effect: 'NoSchedule', timeAdded: '2026-01-01T00:00:00.000Z' }
    ]
    const node = (taints: object[], uid = 'u1'): Stored => ({ metadata: { name: 'worker-1', uid }, spec: { taints } })
    const asked = { name: 'worker-1', uid: 'u1' }
    const changed = await storing(t, node([taint]), [node([taint, other])])
    await changed.cluster.removeStartupTaint(asked)
    t.same(changed.now()?.spec, { taints: [other] })
    t.equal(changed.writes(), 2)

    const replaced = await storing(t, node([taint]), [node([taint], 'u2')])
    await t.rejects(
      replaced.cluster.removeStartupTaint(asked),
      { code: 'not-found' },
      'replaced between read and write'
    )
    t.same(replaced.now()?.spec, { taints: [taint] })

    const gone = await storing(t, node([other]), [])
    await gone.cluster.removeStartupTaint(asked)
    t.equal(gone.writes(), 0, 'a Node without it is not written')

    const busy = await storing(t, node([taint]), Array(100).fill(node([taint])))
    await t.rejects(busy.cluster.removeStartupTaint(asked), { code: 'cluster-unavailable', message: /\(409\)/ })
    t.equal(busy.writes(), writeTries)
  }
)

t.test(
  'labels and taints: a kubelet that always writes to its Node holds the server up only for a while',
  async (t) => {
    const node: Stored = { metadata: { name: 'worker-1', uid: 'u1' }, spec: {} }
    const wanted = { labels: { rack: '7' }, taints: [] }
    const busy = await storing(t, node, Array(100).fill(node))
    await t.rejects(busy.cluster.setLabelsAndTaints({ name: 'worker-1', uid: 'u1' }, wanted), {
      code: 'cluster-unavailable',
      message: /\(409\)/
    })
    t.equal(busy.writes(), writeTries)
    const quiet = await storing(t, node, [node])
    await quiet.cluster.setLabelsAndTaints({ name: 'worker-1', uid: 'u1' }, wanted)
    t.equal(quiet.writes(), 2)
  }
)
