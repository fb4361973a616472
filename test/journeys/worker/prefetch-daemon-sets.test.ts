import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'

const plugin = 'registry.example.org/plugin:v1'
const tolerations = [{ key: '', operator: 'Exists', value: '', effect: '' }]

/** The DaemonSets of a cluster: a network plugin, one for every worker, one for Nodes with a label, and one from a private registry. */
const makeDaemonSets = async ({ cluster }: Pairing): Promise<void> => {
  await cluster.makeDaemonSet('exporter', { images: ['registry.example.org/exporter:v1'] })
  await cluster.makeDaemonSet('gpu', { images: ['registry.example.org/gpu:v1'], nodeSelector: { gpu: 'yes' } })
  await cluster.makeDaemonSet('plugin', { images: [plugin], tolerations, hostNetwork: true })
  await cluster.makeDaemonSet('private', { images: ['registry.example.org/own:v1'], pullSecrets: ['registry'] })
}

t.test('a machine that waits pulls the images of the DaemonSets for its Node, the network plugin first', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await makeDaemonSets(pairing)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await says(open, /; pulled 2 of 2 images that this cluster's nodes run$/)
  t.same(open.machine.images.pulled, [plugin, 'registry.example.org/exporter:v1'])
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})

t.test('the labels and taints of the code choose, too', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await makeDaemonSets(pairing)
  const imagesFor = async (more: object): Promise<string[]> => {
    const { code } = await pairing.operator.createCode({ ttl: 600, ...more })
    const machine = await pairing.machine()
    await machine.enrol(code)
    return ((await machine.server.cluster()).prefetch ?? []).map(({ image }) => image.replace(/^.*\/|:v1$/g, ''))
  }
  t.same(await imagesFor({ name: 'worker-1', labels: { gpu: 'yes' } }), ['plugin', 'exporter', 'gpu'])
  t.same(await imagesFor({ name: 'worker-2', taints: [{ key: 'a', value: '', effect: 'NoSchedule' }] }), ['plugin'])
})

t.test('a server without the right reads no DaemonSet, and says kube-proxy alone', async (t) => {
  const pairing = await openPairing(t)
  await makeDaemonSets(pairing)
  const machine = await enrolled(pairing, 'worker-1')
  t.same((await machine.server.cluster()).prefetch, [{ image: 'registry.k8s.io/kube-proxy:v1.37.2' }])
})
