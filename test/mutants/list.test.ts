import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { given } from '@joinery/protocol/given'
import t from 'tap'
import { mutants } from './all.ts'
import { misfit } from './mutant.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

t.test('each mutant fits the present source', async (t) => {
  const misfits: Record<string, string> = {}
  for (const [file, ofFile] of Map.groupBy(mutants, ({ file }) => file)) {
    const source = readFileSync(join(root, file), 'utf8')
    for (const mutant of ofFile) Object.assign(misfits, given({ [mutant.name]: misfit(source, mutant) }))
  }
  t.same(misfits, {})
})

t.test('each mutant names a test file that exists', async (t) => {
  const lost = mutants.filter(({ killedBy }) => !killedBy.endsWith('.test.ts') || !existsSync(join(root, killedBy)))
  t.same(
    lost.map(({ name }) => name),
    []
  )
})

t.test('each mutant has a name of its own', async (t) => {
  const names = mutants.map(({ name }) => name)
  t.same(names, [...new Set(names)])
})

t.test('a text that is not there, is there twice, or stays makes no mutant', async (t) => {
  const row = { file: 'a.ts', text: 'x', instead: 'y', rule: '', killedBy: '' }
  t.equal(misfit('', row), 'a.ts has its text 0 times')
  t.equal(misfit('x x', row), 'a.ts has its text 2 times')
  t.equal(misfit('x', { ...row, instead: 'x' }), 'it changes nothing')
  t.equal(misfit('x', row), undefined)
})
