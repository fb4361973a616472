import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Enrolment } from '@joinery/protocol'
import t from 'tap'
import { code, enrolment } from './support/fixtures.ts'
import { runWith, serveOperators } from './support/operators.ts'

const failed: Enrolment = { ...enrolment, id: 'e2', name: 'node-2', state: 'failed' }
const oddName: Enrolment = { ...enrolment, id: 'e3', name: '$(reboot)' }
const answers = {
  list: () => ({ items: [enrolment, failed, oddName] }),
  listCodes: () => ({ items: [code, { ...code, id: 'c2', status: 'used' }] })
}

/** Values that are offered for the last word. */
const offered = async (...words: string[]) => {
  const { exitCode, out, err } = await runWith(['__complete', ...words])
  t.match({ exitCode, err }, { exitCode: 0, err: '' })
  return out.split('\n').map((line) => line.split('\t')[0])
}

t.test('commands, options and their values complete from the command line itself', async (t) => {
  t.same(await offered('re'), ['reject', 'release', 'retry', ':4', ''])
  t.same(await offered('code', 're'), ['revoke', ':4', ''])
  t.same(await offered('list', '--w'), ['--watch', ':4', ''])
  t.same(await offered('list', '--s'), ['--socket', ':4', ''])
  t.same(await offered('list', '-w', '-o', ''), ['table', 'wide', 'json', 'yaml', 'name', ':4', ''])
  t.same(await offered('completion', ''), ['bash', 'zsh', 'fish', ':4', ''])
  t.same(await offered('code', 'create', '--name', ''), [':4', ''], 'there is nothing to offer')
  t.same(await offered('list', '--socket', ''), [':0', ''], 'the shell offers files')
})

t.test('names complete by what the server knows: those that the command can do something with', async (t) => {
  const { socket } = await serveOperators(t, answers)
  const names = (...words: string[]) => offered('--socket', socket, ...words)
  t.same(await names('show', ''), ['node-1', 'node-2', 'e3', ':4', ''])
  t.same(await names('show', 'node-2'), ['node-2', ':4', ''])
  t.same(await names('approve', ''), ['node-1', 'e3', ':4', ''])
  t.same(await names('approve', 'node-1', ''), ['e3', ':4', ''], 'each one once')
  t.same(await names('retry', '-o', 'json', ''), ['node-2', ':4', ''])
  t.same(await names('retry', 'node-2', ''), [':4', ''], 'it takes one name')
  t.same(await names('release', ''), [':4', ''])
  t.same(await names('code', 'revoke', ''), ['c1', ':4', ''])
  const { out } = await runWith(['__complete', '--socket', socket, 'show', 'node-1'])
  t.equal(out, 'node-1\tpending, 10.0.0.11\n:4\n')
})

t.test('a server that cannot be asked is no reason for a word', async (t) => {
  t.same(await offered('--socket', '/nowhere/operator.sock', 'approve', ''), [':4', ''])
})

/** Prints what the shell offers at the end of `joinery --socket SOCKET show `, from a script that was loaded before. */
const shells = {
  bash: `source <(joinery completion bash)
    COMP_WORDS=(joinery --socket "$1" show "") COMP_CWORD=4
    _joinery && printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: `compdef() { : }
    _describe() { print -rl -- "\${(@P)2}" }
    source <(joinery completion zsh)
    words=(joinery --socket "$1" show "") CURRENT=5
    _joinery`,
  fish: `joinery completion fish | source
    complete -C "joinery --socket $argv[1] show "`
}
const flags = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] }
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const missing = spawnSync(shell, ['--version']).status === 0 ? false : `there is no ${shell} here`
  t.test(`${shell} loads its script and offers names`, { skip: missing }, async (t) => {
    const { socket } = await serveOperators(t, answers)
    const folder = await mkdtemp(join(tmpdir(), 'joinery-bin-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const command = join(folder, 'joinery')
    await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
    await chmod(command, 0o755)
    const last = shell === 'fish' ? [socket] : [shell, socket]
    const run = spawn(shell, [...flags[shell], '-c', shells[shell], ...last], {
      env: { ...process.env, HOME: folder, PATH: `${folder}:${process.env.PATH}` },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const [out, err, [exitCode]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'close')])
    t.equal(err, '')
    t.equal(exitCode, 0)
    t.match(out, /^e3/m)
    t.match(out, /^node-1/m)
    t.match(out, /^node-2/m)
  })
}
