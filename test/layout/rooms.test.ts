import t from 'tap'
import { arrowsOf, circlesOf, mayImport, roomOf } from './rooms.ts'
import { sources } from './sources.ts'

t.test(
  'a room is a folder below src, in a wing of the server the folder below that, and a file in none is one itself',
  async (t) => {
    for (const [file, room] of [
      ['packages/agent/src/machine/preflight/here.ts', 'machine'],
      ['packages/agent/src/main.ts', 'main.ts'],
      ['packages/server/src/core/enrolment/csr/judge-csr.ts', 'core/enrolment'],
      ['packages/server/src/program/container.ts', 'program'],
      ['packages/console/src/ui/parts/chart.tsx', 'ui']
    ] as const)
      t.equal(roomOf(file), room, file)
  }
)

t.test('a circle is found over any number of rooms, types count, and what only leads there is none', async (t) => {
  const arrows = (...pairs: string[]) => pairs.map((pair) => ({ from: pair.charAt(0), to: pair.charAt(1) }))
  t.same(circlesOf(arrows('ab', 'bc')), [])
  t.same(circlesOf(arrows('ab', 'bc', 'ca', 'xa', 'cy')), [['a', 'b', 'c']])
  t.same(circlesOf(arrows('ab', 'ba', 'cd', 'dc', 'bc')), [
    ['a', 'b'],
    ['c', 'd']
  ])
  const file = (name: string, specifier: string) => ({
    file: `packages/p/src/${name}/it.ts`,
    name: 'p',
    text: '',
    specifiers: [specifier]
  })
  t.same(circlesOf(arrowsOf([file('a', '../b/it.ts'), file('b', '../a/it.ts')])), [['a', 'b']])
})

t.test('the pages were read, too', async (t) => {
  const pages = sources.filter(({ file }) => file.endsWith('.tsx'))
  t.ok(pages.length > 30)
  const unread = pages.filter(({ text, specifiers }) => specifiers.length === 0 && /^import /m.test(text))
  t.same(
    unread.map(({ file }) => file),
    []
  )
})

for (const [name, files] of Map.groupBy(sources, (source) => source.name)) {
  t.test(`no rooms of packages/${name} stand in a circle`, async (t) => {
    t.same(circlesOf(arrowsOf(files)), [])
  })
}

t.test(
  'core imports core alone; features and adapters core; front core and front; only the program imports all',
  async (t) => {
    const arrows = arrowsOf(sources.filter(({ name }) => name === 'server'))
    t.ok(arrows.length > 1000, 'the imports were read')
    t.same(
      arrows.filter((arrow) => !mayImport(arrow)).map(({ text }) => text),
      []
    )
  }
)
