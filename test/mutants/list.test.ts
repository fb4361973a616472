import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { given } from '@joinery/protocol/given'
import t from 'tap'
import { mutants } from './all.ts'
import { misfit } from './fits.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

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
