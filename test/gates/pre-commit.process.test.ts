import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import packageJson from '../../package.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '../..')

/** A repository with the hook installed as CONTRIBUTING says, and an `npx` that ends with this status. */
const repository = (status: number) => {
  const folder = t.testdir({
    bin: { npx: `#!/bin/sh\necho "$@" > "$ASKED"\nexit ${status}\n` },
    project: { 'package.json': JSON.stringify({ packageManager: packageJson.packageManager }), hooks: {} }
  })
  const project = join(folder, 'project')
  chmodSync(join(folder, 'bin/npx'), 0o755)
  cpSync(join(root, 'hooks/pre-commit'), join(project, 'hooks/pre-commit'))
  const env = { PATH: `${folder}/bin:${process.env.PATH}`, ASKED: join(folder, 'asked'), HOME: folder }
  const git = (...args: string[]) => {
    const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com']
    return spawnSync('git', [...who, ...args], { cwd: project, env, encoding: 'utf8' })
  }
  git('init', '--quiet')
  git('config', 'core.hooksPath', 'hooks')
  git('add', '--all')
  const commits = () => git('rev-list', '--all').stdout.trim().split('\n').filter(Boolean).length
  return { git, commits, asked: () => readFileSync(env.ASKED, 'utf8') }
}

t.test('CONTRIBUTING says how to install the hook', async (t) => {
  t.match(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'), 'git config core.hooksPath hooks')
})

t.test('the hook runs check:fast before a commit', async (t) => {
  const { git, commits, asked } = repository(0)
  t.equal(git('commit', '--message', 'First').status, 0)
  t.equal(asked(), `-y ${packageJson.packageManager} check:fast\n`)
  t.equal(commits(), 1)
})

t.test('a check that fails stops the commit', async (t) => {
  const { git, commits } = repository(1)
  t.not(git('commit', '--message', 'First').status, 0)
  t.equal(commits(), 0)
})
