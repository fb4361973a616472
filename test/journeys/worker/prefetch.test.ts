import { openWithCode } from '@joinery/testing/agents/agents'
import { playLives, startKilledAt } from '@joinery/testing/agents/lives'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { joined } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { claimed, enrolled, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const kubeProxy = 'registry.k8s.io/kube-proxy:v1.37.2'
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

t.test('a machine that waits pulls what every new node runs, says so, and joins', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await reaches(pairing, 'worker-1', 'pending')
  await says(open, /approval.*; pulled 1 of 1 images that this cluster's nodes run$/)
  t.same(open.machine.images.pulled, [kubeProxy])
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('an approval is heard while a pull hangs, and the claim waits for nothing', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.images.hold()
  const agent = open.start()
  await eventually('a pull hangs', () => open.machine.images.pulling !== undefined)
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.same(open.machine.images.pulled, [], 'it never came to its end')
  t.equal(open.machine.images.pulling, undefined, 'the agent left nothing behind')
})

t.test('a registry that refuses fails no check, and no join', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.images.problem = 'unauthorized'
  const agent = open.start()
  await says(open, /; pulled 0 of 1 images/)
  const { preflight } = await approvePending(pairing, open)
  t.notOk(preflight.some(({ verdict }) => verdict === 'fail'))
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('a rejection in the middle of a pull gives the pull up, and ends the agent', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.machine.images.hold()
  const agent = open.start()
  await eventually('a pull hangs', () => open.machine.images.pulling !== undefined)
  await pairing.operator.reject('worker-1', { reason: 'not ours' })
  t.equal(await agent.ended, 'done')
  t.equal(open.machine.images.pulling, undefined)
  t.same(open.machine.images.pulled, [])
})

t.test('an agent that is killed during a pull begins again, and one that finds the image pulls nothing', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const release = open.machine.images.hold()
  const first = open.start()
  await eventually('a pull hangs', () => open.machine.images.pulling !== undefined)
  first.kill()
  release()
  const second = open.start()
  await eventually('it is pulled', () => open.machine.images.pulled.length > 0)
  second.stop()
  await second.ended
  const pulls = open.machine.images.pulled.length
  const third = open.start()
  await says(open, /; pulled 1 of 1 images/)
  t.equal(open.machine.images.pulled.length, pulls)
  third.stop()
  await third.ended
})

t.test('an agent may be killed at any moment of a pull, and joins', async (t) => {
  const pairing = await openPairing(t)
  const calls = ['machine.hasImage', 'machine.imageSpace', 'machine.pullImage']
  const moments = calls.flatMap((call) => [`: before ${call}`, `: after ${call}`])
  let machines = 0
  await playLives(
    t,
    moments,
    (moments) => `the machine joins after its agent is killed${moments}`,
    async (t, left) => {
      const open = await openWithCode(t, pairing, `worker-${++machines}`)
      // the step is whatever the agent does beside the pull
      const agent = await startKilledAt(open, left, (moment) => moment.replace(/^[^:]*/, ''))
      await approvePending(pairing, open)
      t.equal(await agent.ended, 'done')
      await assertJoined(t, pairing, open)
    }
  )
})

t.test('an operator says for each code whether its machines learn names of images', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  const from = ['127.0.0.0/8']
  const table: [code: { uses?: number; from?: string[]; prefetch?: boolean }, told: boolean][] = [
    [{}, true],
    [{ prefetch: false }, false],
    [{ uses: 3 }, false],
    [{ uses: 3, from }, true],
    [{ uses: 3, prefetch: true }, true],
    [{ uses: 3, from, prefetch: false }, false]
  ]
  for (const [place, [asked, told]] of table.entries()) {
    const { code, prefetch, id } = await operator.createCode({ ttl: 600, ...asked })
    t.equal(prefetch, told, 'the code says so')
    t.equal((await operator.showCode(id)).prefetch, told)
    const machine = await pairing.machine()
    await machine.enrol(code, { name: `worker-${place + 1}` })
    t.equal((await machine.server.cluster()).prefetch !== undefined, told, JSON.stringify(asked))
  }
})

t.test('a machine that is frozen, joins, or was turned away is told of no image', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(code)
  t.ok((await machine.server.cluster()).prefetch)
  const thief = await pairing.machine()
  t.equal(await refusedWith(thief.enrol(code)), 'code-not-accepted')
  t.equal((await machine.server.cluster()).prefetch, undefined, 'frozen')
  t.equal(await refusedWith(thief.server.cluster()), 'not-found')

  const { machine: joining } = await claimed(pairing, 'worker-2')
  t.equal((await joining.server.cluster()).prefetch, undefined, 'joining')
})

t.test('the image is named by the digest that Ready Nodes have', async (t) => {
  const pairing = await openPairing(t)
  await joined(pairing, 'worker-0')
  const names = [`registry.k8s.io/kube-proxy@${digest}`, kubeProxy]
  await pairing.cluster.reportImages('worker-0', [{ names, bytes: 30e6 }])
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  await machine.enrol(code, { facts: { ...machine.facts, arch: 'amd64' } })
  t.same((await machine.server.cluster()).prefetch, [{ image: `registry.k8s.io/kube-proxy@${digest}`, bytes: 30e6 }])
})

t.test('a cluster that does not tell of images keeps nobody from its facts', async (t) => {
  const pairing = await openPairing(t)
  const { cluster } = pairing
  cluster.imageSight = async () => Promise.reject(new Error('the list is too long'))
  const machine = await enrolled(pairing, 'worker-1')
  t.match(await machine.server.cluster(), { version: /^v1/, prefetch: undefined })
  t.match(pairing.log, /machines that wait are told of no image/)
})

t.test('a ConfigMap that names no image makes no machine pull anything', async (t) => {
  const pairing = await openPairing(t)
  pairing.cluster.imageSight = async () => ({ kubeProxy: '--all; reboot/kube-proxy:v1', nodes: [] })
  const machine = await enrolled(pairing, 'worker-1')
  t.equal((await machine.server.cluster()).prefetch, undefined)
})
