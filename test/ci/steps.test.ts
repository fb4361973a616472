import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { allCommands } from '../readme-commands.ts'
import { minutesForReplays, minutesForSuites, rows } from './steps.ts'

const root = join(import.meta.dirname, '../..')
const steps = rows.flat()
const scripts: Readonly<Record<string, string>> = packageJson.scripts

t.test('the steps of CI are the commands with which the README has people work on it', async (t) => {
  const readme = allCommands(readFileSync(join(root, 'README.md'), 'utf8'))
  const pnpm = `npx -y ${packageJson.packageManager} `
  const commands = readme.filter(
    (command) => command.startsWith(pnpm) && /^(check|test.*|package)$/.test(command.slice(pnpm.length))
  )
  t.same(commands.sort(), steps.map(({ script }) => `${pnpm}${script}`).sort())
})

t.test('a step plays the files that its script plays', async (t) => {
  const { include } = parse(readFileSync(join(root, '.taprc'), 'utf8')) as { include: string[] }
  for (const { script, files } of steps) {
    const [program, ...words] = scripts[script]?.split(' ') ?? []
    if (program !== 'tap') continue
    const named = words.filter((word) => !word.startsWith('-'))
    t.same(files, named.length > 0 ? named : include, script)
  }
})

t.test('a step comes after what it needs', async (t) => {
  for (const [at, row] of rows.entries()) {
    const before = rows
      .slice(0, at)
      .flat()
      .map(({ script }) => script)
    for (const { script, needs } of row) t.ok(needs === undefined || before.includes(needs), script)
  }
})

t.test('a run ends before it is ended, and says its last words', async (t) => {
  const of = [0, 15, 30, 45.5, 80].map((elapsed) => [minutesForSuites(elapsed), minutesForReplays(elapsed)])
  t.same(of, [
    [60, 87],
    [60, 72],
    [50, 57],
    [34, 41.5],
    [0, 7]
  ])
})
