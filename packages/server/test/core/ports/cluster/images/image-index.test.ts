import { readReference } from '@joinery/protocol'
import t from 'tap'
import { imageKey, indexImages } from '../../../../../src/core/ports/cluster/images/image-index.ts'
import type { NodeImage, NodeImages } from '../../../../../src/core/ports/cluster/images/image-sight.ts'

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`
const [one, other] = [digest('1'), digest('2')]
const plugin = 'registry.example.org/plugin'

const node = (arch: string, ...images: NodeImage[]): NodeImages => ({ arch, images })
const has = (bytes: number, ...names: string[]): NodeImage => ({ names, bytes })
const find = (nodes: NodeImages[], text: string, arch = 'amd64') => {
  const reference = readReference(text)
  return reference && indexImages(nodes).get(imageKey(arch, reference))
}

t.test('a tag is the digest that the Nodes of the same architecture have', async (t) => {
  const nodes = [
    node(
      'amd64',
      has(10, `${plugin}@${one}`, `${plugin}:v1`),
      has(5, `docker.io/library/busybox@${other}`, 'docker.io/library/busybox:latest')
    ),
    node('arm64', has(20, `${plugin}@${other}`, `${plugin}:v1`))
  ]
  t.same(find(nodes, `${plugin}:v1`), { image: `${plugin}@${one}`, bytes: 10 })
  t.same(find(nodes, `${plugin}:v1`, 'arm64'), { image: `${plugin}@${other}`, bytes: 20 })
  t.same(find(nodes, 'busybox'), { image: `docker.io/library/busybox@${other}`, bytes: 5 }, 'as the Pod names it')
  t.same(find(nodes, `${plugin}:v1@${one}`), { image: `${plugin}@${one}`, bytes: 10 }, 'a digest has a size')
  t.equal(find(nodes, `${plugin}:v2`), undefined, 'no Node has it')
  t.equal(find(nodes, `${plugin}:v1`, 'riscv64'), undefined)
  t.equal(find([], `${plugin}:v1`), undefined)
})

t.test('if Nodes disagree, the digest of most of them counts, and the least size', async (t) => {
  const says = (which: string, bytes: number) => node('amd64', has(bytes, `${plugin}@${which}`, `${plugin}:v1`))
  t.equal(find([says(one, 1), says(other, 1), says(other, 1)], `${plugin}:v1`)?.image, `${plugin}@${other}`)
  t.equal(find([says(other, 1), says(one, 1)], `${plugin}:v1`)?.image, `${plugin}@${one}`, 'the same at each look')
  t.equal(find([says(one, 7), says(one, 3), says(one, 9)], `${plugin}:v1`)?.bytes, 3)
})

t.test('one Node has one voice, and leads nobody to another registry', async (t) => {
  const liar = node('amd64', ...Array.from({ length: 10 }, () => has(1, `${plugin}@${other}`, `${plugin}:v1`)))
  const honest = node('amd64', has(1, `${plugin}@${one}`, `${plugin}:v1`))
  t.equal(find([liar, honest, honest], `${plugin}:v1`)?.image, `${plugin}@${one}`)
  const elsewhere = node('amd64', has(1, `evil.example.org/plugin@${other}`, `${plugin}:v1`))
  t.equal(find([elsewhere], `${plugin}:v1`), undefined)
})

t.test('what a kubelet should never write is left out', async (t) => {
  const names = [`${plugin}@${one}`, `${plugin}:v1`]
  for (const bytes of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
    t.equal(find([node('amd64', has(bytes, ...names))], `${plugin}:v1`), undefined, String(bytes))
  }
  t.ok(find([node('amd64', has(1, '--all', 'a\nb', ...names))], `${plugin}:v1`))
})
