import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { askGit } from '../git.ts'
import { ledgerEntry } from './ledger.ts'
import { isWorkedOff, wrongRemovals } from './removals.ts'

const root = resolve(import.meta.dirname, '../../..')

/** False if this is a shallow clone, or none. */
const hasHistory = (): boolean => {
  try {
    return askGit(root, 'rev-parse', '--is-shallow-repository') === 'false\n'
  } catch {
    return false
  }
}

t.test('no commit of this repository took a name out of the ledger against its rule', async (t) => {
  if (!hasHistory()) return t.pass('the history is not here', { skip: 'a clone without its history' })
  t.same(wrongRemovals(root), [])
})

const name = 'test/some.test.ts'
const owner = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgSign=false']

/** A repository whose ledger has a name, and what commits to it. */
const repository = (t: Test) => {
  const folder = t.testdir()
  const git = (...words: string[]): string => askGit(folder, ...owner, ...words)
  const commit = (message: string, files: Record<string, string>): void => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
  }
  git('init', '--quiet', '--initial-branch=main')
  commit('Begin', { 'test/flakes.md': '', [name]: '1' })
  commit('Name a flake', {
    'test/flakes.md': ledgerEntry({ name, commit: '12345678', date: '2026-12-01', first: '', again: '' }).line
  })
  return { folder, git, commit }
}

t.test('a name that goes with its cause is well gone', async (t) => {
  const { folder, commit } = repository(t)
  commit(`Wait for the answer\n\n${name} waited for a time.`, { 'test/flakes.md': '', [name]: '2' })
  t.same(wrongRemovals(folder), [])
})

t.test('a name that only goes is found, also when later commits are fine', async (t) => {
  const { folder, commit } = repository(t)
  commit(`Empty the ledger\n\n${name} is gone.`, { 'test/flakes.md': '' })
  commit('Go on', { [name]: '2' })
  t.match(wrongRemovals(folder), [/nothing is changed that test\/some\.test\.ts tests/])
})

t.test('a merge takes no name out that both sides have', async (t) => {
  const { folder, git, commit } = repository(t)
  git('checkout', '--quiet', '-b', 'side')
  commit('Aside', { 'aside.md': '' })
  git('checkout', '--quiet', 'main')
  commit('Go on', { 'other.md': '' })
  git('merge', '--no-commit', '--no-ff', 'side')
  commit('Merge side', { 'test/flakes.md': '' })
  t.match(wrongRemovals(folder), [/does not name/])
})

t.test('a merge may bring what one side has taken out rightly', async (t) => {
  const { folder, git, commit } = repository(t)
  git('checkout', '--quiet', '-b', 'side')
  commit(`Wait\n\n${name} waited for a time.`, { 'test/flakes.md': '', [name]: '2' })
  git('checkout', '--quiet', 'main')
  commit('Go on', { 'other.md': '' })
  git('merge', '--quiet', '--no-ff', '--message', 'Merge side', 'side')
  t.same(wrongRemovals(folder), [])
})

t.test('a flake is worked off once the ledger has had it and has lost it', async (t) => {
  const { folder, git, commit } = repository(t)
  const at = (revision: string) => ({ name, commit: git('rev-parse', '--short=8', revision).trim() })
  const before = at('HEAD~1')
  t.notOk(isWorkedOff(folder, before), 'it is named')
  commit(`Wait for the answer\n\n${name} waited for a time.`, { 'test/flakes.md': '', [name]: '2' })
  const mended = at('HEAD')
  commit('Go on', { 'other.md': '' })
  t.ok(isWorkedOff(folder, before))
  t.notOk(isWorkedOff(folder, { ...before, name: 'test/other.test.ts' }), 'another')
  t.notOk(isWorkedOff(folder, mended), 'it failed again, after that')
  t.notOk(isWorkedOff(folder, { name, commit: '00000000' }), 'a commit that is not here')
})
