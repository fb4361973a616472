import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { definitions } from '@joinery/kube/door'
import { states } from '@joinery/protocol'
import t from 'tap'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/kubernetes.md'), 'utf8')

interface Definition {
  metadata: { name: string }
  spec: {
    names: { plural: string; singular: string; shortNames?: string[]; categories?: string[] }
    versions: { selectableFields?: { jsonPath: string }[] }[]
  }
}
const all = definitions as unknown as Definition[]
const commands = [...page.matchAll(/^kubectl (get|describe|explain|wait) (\S+)/gm)].map(([, , kind = '']) => kind)

t.test('the page names only kinds that setup makes', async (t) => {
  const names = all.flatMap(({ spec: { names } }) => [
    names.plural,
    names.singular,
    ...(names.shortNames ?? []),
    ...(names.categories ?? [])
  ])
  t.ok(commands.length > 5)
  for (const kind of commands) t.ok(names.includes(kind.split('.')[0] ?? ''), kind)
})

t.test('the page selects only by fields that can be selected, and by states that there are', async (t) => {
  const fields = all
    .filter(({ spec }) => spec.names.plural === 'enrolments')
    .flatMap(({ spec }) => spec.versions.flatMap(({ selectableFields = [] }) => selectableFields))
    .map(({ jsonPath }) => jsonPath.slice(1))
  const selected = [...page.matchAll(/--field-selector (\S+)=(\S+)/g)]
  t.ok(selected.length > 0)
  for (const [, field = '', value = ''] of selected) {
    t.ok(fields.includes(field), field)
    if (field === 'status.state') t.ok((states as readonly string[]).includes(value), value)
  }
})
