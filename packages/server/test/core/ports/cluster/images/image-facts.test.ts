import { minute } from '@joinery/protocol'
import t from 'tap'
import { imageFacts } from '../../../../../src/core/ports/cluster/images/image-facts.ts'
import { boundedImages, sightBounds } from '../../../../../src/core/ports/cluster/images/image-sight.ts'

t.test('the cluster is asked each five minutes, and each minute while it does not tell', async (t) => {
  let [now, asked, away] = [0, 0, true]
  const said: string[] = []
  const read = imageFacts(
    {
      imageSight: async () => {
        asked += 1
        if (away) throw new Error('connection refused')
        return { kubeProxy: 'registry.k8s.io/kube-proxy:v1.37.2', nodes: [] }
      },
      daemonSets: async () => []
    },
    false,
    () => now,
    { warn: (_: unknown, text?: string) => void said.push(text ?? '') } as never
  )
  t.equal(await read(), undefined, 'nobody is told anything, and nothing fails')
  await Promise.all([read(), read()])
  t.equal(asked, 1)
  t.equal(said.length, 1, 'a line for each look, not for each machine')
  now += minute
  away = false
  t.match(await read(), { kubeProxy: 'registry.k8s.io/kube-proxy:v1.37.2' })
  now += 5 * minute - 1
  await read()
  t.equal(asked, 2)
  now += 1
  await read()
  t.equal(asked, 3)
})

t.test('DaemonSets are read only with the right to do so', async (t) => {
  for (const diagnosis of [false, true]) {
    const daemonSets = async () => (diagnosis ? [] : Promise.reject(new Error('forbidden')))
    const cluster = { imageSight: async () => ({ nodes: [] }), daemonSets }
    const read = imageFacts(cluster, diagnosis, () => 0, { warn: () => {} } as never)
    t.same((await read())?.daemonSets, diagnosis ? [] : undefined)
  }
})

t.test('a look reads no more of Nodes, images and names than its bounds', async (t) => {
  const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)
  const image = { names: many(100, 'registry.k8s.io/pause:3.10.1'), bytes: 1 }
  const { nodes } = boundedImages({ nodes: many(1000, { arch: 'amd64', images: many(500, image) }) })
  t.equal(nodes.length, sightBounds.nodes)
  t.equal(nodes[0]?.images.length, sightBounds.images)
  t.equal(nodes[0]?.images[0]?.names.length, sightBounds.names)
})
