import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Enrolment } from '@joinery/protocol'
import { code, enrolment, withoutAgent } from '@joinery/testing/command/fixtures'
import { runWith, serveOperators } from '@joinery/testing/command/operators'
import { needs } from '@joinery/testing/processes/needs'
import { program } from '@joinery/testing/processes/program'
import t, { type Test } from 'tap'

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
  t.same(await offered('re'), ['reject', 'release', 'retry', 'remove', ':4', ''])
  t.same(await offered('code', 're'), ['revoke', ':4', ''])
  t.same(await offered('list', '--w'), ['--watch', ':4', ''])
  t.same(await offered('list', '--s'), ['--state', '--selector', '--sort-by', '--socket', ':4', ''])
  const some = ['table', 'wide', 'json', 'yaml']
  const templates = ['jsonpath=', 'custom-columns=', ':4', '']
  for (const words of ['list -w', 'nodes', 'show', 'approve', 'code list', 'code show', 'code revoke']) {
    t.same(await offered(...words.split(' '), '-o', ''), [...some, 'name', ...templates], words)
  }
  for (const words of ['status', 'why', 'cluster doctor', 'join-command', 'code create']) {
    t.same(await offered(...words.split(' '), '-o', ''), [...some, ...templates], words)
  }
  t.same(await offered('code', 'list', '--sort-by', 'C'), ['CREATED', 'CREDENTIAL', ':4', ''])
  t.same(await offered('cluster', ''), ['doctor', 'harden', 'manifests', 'help', ':4', ''])
  t.same(await offered('cluster', 'harden', '--kubeconfig', ''), [':0', ''])
  t.same(await offered('cluster', 'manifests', '--credential', ''), ['token', 'certificate', ':4', ''])
  t.same(await offered('join-command', '--role', ''), ['worker', 'control-plane', ':4', ''])
  t.same(await offered('completion', ''), ['bash', 'zsh', 'fish', ':4', ''])
  t.same(await offered('code', 'create', '--remediate', ''), ['off', 'safe', 'runtime', ':4', ''])
  t.same(await offered('code', 'create', '--name', ''), [':4', ''], 'there is nothing to offer')
  t.same(await offered('list', '--socket', ''), [':0', ''], 'the shell offers files')
  t.same(await offered('cloud-init', '-o', ''), ['user-data', 'iso', ':4', ''])
  t.same(await offered('cloud-init', '-o', 'iso', ''), [':0', ''], 'a file')
  t.same(await offered('cloud-init', '--kubernetes-key', ''), [':0', ''])
})

t.test('names complete to those that the server knows and the command can do something with', async (t) => {
  const { socket } = await serveOperators(t, answers)
  const names = (...words: string[]) => offered('--socket', socket, ...words)
  t.same(await names('show', ''), ['node-1', 'node-2', 'e3', ':4', ''])
  t.same(await names('show', 'node-2'), ['node-2', ':4', ''])
  t.same(await names('approve', ''), ['node-1', 'e3', ':4', ''])
  t.same(await names('approve', 'node-1', ''), ['e3', ':4', ''], 'each one once')
  t.same(await names('retry', '-o', 'json', ''), ['node-2', ':4', ''])
  t.same(await names('retry', 'node-2', ''), [':4', ''], 'it takes one name')
  t.same(await names('remove', ''), ['node-2', ':4', ''])
  t.same(await names('release', ''), [':4', ''])
  t.same(await names('code', 'revoke', ''), ['c1', ':4', ''])
  t.same(await offered(`--socket=${socket}`, 'retry', ''), ['node-2', ':4', ''])
  t.same(await offered('--socket', '=', socket, 'retry', ''), ['node-2', ':4', ''], 'as bash splits it')
  t.same(await names('code', 'show', ''), ['c1', 'c2', ':4', ''])
  const { out } = await runWith(['__complete', '--socket', socket, 'show', 'node-1'])
  t.equal(out, 'node-1\tpending, 10.0.0.11\n:4\n')
})

t.test('no verb that needs an agent is offered for an enrolment without one', async (t) => {
  const { socket } = await serveOperators(t, {
    list: () => ({
      items: [
        { ...withoutAgent, state: 'frozen' },
        { ...withoutAgent, id: 'e2', name: 'node-2', state: 'failed' }
      ]
    })
  })
  const names = (...words: string[]) => offered('--socket', socket, ...words)
  t.same(await names('release', ''), [':4', ''])
  t.same(await names('retry', ''), [':4', ''])
  t.same(await names('reject', ''), ['node-1', ':4', ''])
})

t.test('completion offers nothing if the server does not answer', async (t) => {
  t.same(await offered('--socket', '/nowhere/operator.sock', 'approve', ''), [':4', ''])
})

/** Loads `script`, and prints what the shell offers for the last of the words. What is there only at a prompt is played. */
const shells = {
  bash: `compopt() { COMPREPLY+=(/etc/); }
    source ./script
    COMP_WORDS=(joinery "$@") COMP_CWORD=$#
    _joinery && printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: `compdef() { : }
    _describe() { print -rl -- "\${(@P)2}" }
    _files() { print /etc/ }
    source ./script
    words=(joinery "$@") CURRENT=$#words
    _joinery`,
  fish: `source ./script
    complete -C "joinery $argv"`
}
/** The last of each ends the options, or is $0. */
const argv = {
  bash: ['--norc', '-c', shells.bash, 'bash'],
  zsh: ['-f', '-c', shells.zsh, 'zsh'],
  fish: ['--no-config', '-c', shells.fish, '--']
}
const main = program('packages/cli/src/main.ts')

/** A folder with the command and its script for `shell`. */
const install = async (t: Test, shell: keyof typeof shells): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-bin-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'joinery'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 })
  await writeFile(join(folder, 'script'), (await runWith(['completion', shell])).out)
  return folder
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  t.test(`${shell} loads its script, and offers names, values and files`, { skip: needs(shell) }, async (t) => {
    const { socket } = await serveOperators(t, answers)
    const folder = await install(t, shell)
    const offers = async (...words: string[]) => {
      const run = spawn(shell, [...argv[shell], ...words], {
        cwd: folder,
        env: { ...process.env, HOME: folder, PATH: `${folder}:${process.env.PATH}` },
        stdio: ['ignore', 'pipe', 'pipe']
      })
      const [out, err, [exitCode]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'close')])
      t.match({ err, exitCode }, { err: '', exitCode: 0 })
      return out.trimEnd().split(/\s*\n/).toSorted()
    }
    t.match(await offers('--socket', socket, 'show', ''), [/^e3/, /^node-1/, /^node-2/])
    const formats = ['custom-columns=', 'json', 'jsonpath=', 'name', 'table', 'wide', 'yaml']
    t.same(await offers('list', '-o', ''), formats, 'without a description')
    t.same(await offers('list', '--socket', '/et'), ['/etc/'])
  })
}
