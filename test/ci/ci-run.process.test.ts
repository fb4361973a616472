import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { cleanEnvironment } from './made-project.ts'
import { rows } from './steps.ts'

const root = resolve(import.meta.dirname, '../..')
const [dpkg, node] = ['echo amd64', `echo ${packageJson.packageManager}`]

/** Starts `.ci/run` of a tree with these programs in place of the host's own. Stops it by a signal once it says `until`. */
const runCi = async (t: Test, tree: string, programs: Readonly<Record<string, string>>, until = 'never') => {
  const files = Object.entries(programs).map(([name, text]) => [name, `#!/bin/sh\n${text}\n`])
  const folder = t.testdir({ bin: Object.fromEntries(files), project: { 'package.json': '{}', '.ci': {} } })
  for (const [name = ''] of files) chmodSync(join(folder, 'bin', name), 0o755)
  cpSync(join(root, '.ci/run'), join(folder, 'project/.ci/run'))
  const env = { ...cleanEnvironment(), PATH: `${folder}/bin:${process.env.PATH}`, JOINERY_BED: join(folder, 'cache') }
  const child = spawn(join(tree === '' ? join(folder, 'project') : tree, '.ci/run'), { env })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.includes(until)) child.kill()
  })
  const [status] = await once(child, 'close')
  return { status, lines: output.trimEnd().split('\n') }
}

t.test('a run that cannot come to its second step has failed, and says so in its last line', async (t) => {
  const programs: [string, Record<string, string>][] = [
    ['no packages', { dpkg: '[ "$1" != --status ] && echo amd64', 'apt-get': 'exit 1' }],
    ['no name of pnpm', { dpkg, node: 'exit 1' }],
    ['no installation', { dpkg, node, npx: 'exit 1' }]
  ]
  for (const [row, given] of programs) {
    const { status, lines } = await runCi(t, '', given)
    t.equal(status, 1, row)
    t.equal(lines.at(-1), '0 passed, 1 failed', row)
  }
})

t.test('each step runs in its order, and one whose tests were not seen to pass has failed', async (t) => {
  const { status, lines } = await runCi(t, root, { dpkg, node, npx: 'echo "$@"' })
  const called = rows
    .flat()
    .flatMap(({ script }) => [`== pnpm ${script}`, `-y ${packageJson.packageManager} ${script}`])
  t.same(lines.filter((line) => /^(== pnpm|-y) /.test(line)).slice(0, called.length), called)
  t.equal(status, 1)
  t.equal(lines.at(-1), '3 passed, 4 failed')
})

t.test('a run that a signal ends says its last words', async (t) => {
  const npx = '[ "$3" = check ] || { echo waits; exec sleep 600; }'
  const { status, lines } = await runCi(t, root, { dpkg, node, npx }, 'waits')
  t.equal(status, 1)
  t.equal(lines.at(-1), '1 passed, 2 failed')
})
