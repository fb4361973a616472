import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { given } from '@joinery/protocol/given'
import t from 'tap'
import { mutants } from './all.ts'
import { misfit } from './fits.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Folders of test files that need not kill a mutant, and why. A test file of any other folder kills one. */
const ofAnotherKind: Readonly<Record<string, string>> = {
  'packages/': 'a table test of one file: its rules have mutants of their own, and not each file has one yet',
  'test/bench/': 'the bench measures what the programs cost, and a table judges it',
  'test/ci/': 'how CI runs is of the project, and of no program',
  'test/cluster/': 'the order in which suites run is no rule of a program',
  'test/console/': 'a page in a browser is looked at as a picture, and what it decides has table tests',
  'test/contract/': 'a contract holds for a fake as for the real one: it is about both, and not about who calls them',
  'test/demo/': 'the demo shows what the programs do, and decides nothing',
  'test/docs/': 'pages are compared with what they are about',
  'test/faults/': 'chance chooses what is broken, so nobody can say that a mutant is met',
  'test/gates/': 'the gates are of the project, and of no program',
  'test/layout/': 'readers of the layout',
  'test/judges/': 'programs of others judge what ours print',
  'test/monitoring/': 'rules of alerts have tests of their own, in the language of Prometheus',
  'test/mutants/': 'this list',
  'test/packaging/': 'what the packages are made of',
  'test/readme-commands.test.ts': 'commands of the README',
  'test/rehearsal/': 'what a rehearsal plays is no rule of a program that is shipped',
  'test/third-party.test.ts': 'bundles of packages for tests',
  'test/together/': 'each file runs others',
  'test/versions/': 'it reads the sources of Kubernetes, and no program of ours'
}

t.test('each mutant fits the present source', async (t) => {
  const misfits: Record<string, string> = {}
  for (const [file, ofFile] of Map.groupBy(mutants, ({ file }) => file)) {
    const source = readFileSync(join(root, file), 'utf8')
    for (const mutant of ofFile) Object.assign(misfits, given({ [mutant.name]: misfit(source, mutant) }))
  }
  t.same(misfits, {})
})

t.test('each mutant names test files that exist', async (t) => {
  const lost = mutants.filter(
    ({ killedBy }) => killedBy.length === 0 || killedBy.some((file) => !existsSync(join(root, file)))
  )
  t.same(
    lost.map(({ name }) => name),
    []
  )
})

t.test('each mutant has a name of its own', async (t) => {
  const names = mutants.map(({ name }) => name)
  t.same(names, [...new Set(names)])
})

t.test('each test file kills a mutant, or is of another kind', async (t) => {
  const files = globSync(['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root }).sort()
  const killers = new Set(mutants.flatMap(({ killedBy }) => killedBy))
  const isOfAnotherKind = (file: string): boolean =>
    Object.keys(ofAnotherKind).some((folder) => file.startsWith(folder))
  t.same(
    files.filter((file) => !killers.has(file) && !isOfAnotherKind(file)),
    []
  )
  t.same(
    Object.keys(ofAnotherKind).filter((folder) => !files.some((file) => file.startsWith(folder))),
    [],
    'no folder that is gone'
  )
})
