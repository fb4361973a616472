import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { pins, present } from './pins.ts'

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
const page = read('docs/reference/versions.md')

t.test('the page of versions says of each pinned minor which version was tried', async (t) => {
  for (const { minor, version } of pins) {
    const row = page.split('\n').find((line) => line.startsWith(`| 1.${minor} |`)) ?? ''
    t.match(row, `${version}:`, `1.${minor}`)
  }
})

t.test("what runs in Pods, and Kubernetes' own tests, are of the version that the cluster has", async (t) => {
  const cluster = pins.find(({ minor }) => minor === present)
  t.match(read('test/cluster/go/pods/go.mod'), `k8s.io/kubernetes ${cluster?.version} //`)
})
