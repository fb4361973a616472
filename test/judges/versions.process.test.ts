import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { differences } from '../versions/judge.ts'
import { pins, present } from '../versions/pins.ts'
import { sourcesOf } from '../versions/sources.ts'
import { textsOf } from '../versions/texts.ts'

// some 26 MB for each version, once
t.setTimeout(600_000)

t.test('the sources of each pinned Kubernetes are what Joinery takes them for', { skip: needs('go') }, async (t) => {
  const all = await Promise.all(pins.map(sourcesOf))
  t.same(differences(all), [])
  const now = all.find(({ minor }) => minor === present)
  t.ok(now !== undefined && textsOf(now).length > 60, 'the texts of the rules were looked for')
})
