import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { program } from '@joinery/testing/processes/program'
import t from 'tap'
import { stringify } from 'yaml'

// some twenty starts at once, on a machine that has more to do
t.setTimeout(120_000)

const mains = {
  'joinery-server': program('packages/server/src/main.ts'),
  'joinery-agent': program('packages/agent/src/main.ts')
}
type Command = [program: keyof typeof mains, ...words: string[]]

const run = async (...[name, ...words]: Command) => {
  const child = spawn(process.execPath, [mains[name], ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { command: [name, ...words].join(' '), stdout, stderr, code }
}

const wrong: [command: Command, says: RegExp][] = [
  [['joinery-server', 'init', '--address', 'http://x'], /without scheme or port/],
  [
    ['joinery-server', 'setup', '--config', '/nowhere/server.yaml'],
    /^error: there is no .*\nremedy: make it: joinery-server init$/m
  ],
  [['joinery-server', 'run', '--bogus'], /unknown option '--bogus'/],
  [['joinery-agent', 'bogus'], /unknown command 'bogus'/],
  [['joinery-agent', 'run', '--bogus'], /unknown option '--bogus'/],
  [['joinery-agent', 'close-interrupted', 'bogus'], /too many arguments/],
  [
    ['joinery-agent', 'preflight', '--fix=swap,bogus'],
    /^error: --fix: no check is called "bogus"\nremedy: give one of .*swap/
  ],
  [['joinery-agent', 'preflight', '--ignore', 'bogus'], /^error: --ignore: no check is called "bogus"/],
  [
    ['joinery-agent', 'preflight', '--config', '/nowhere/agent.yaml'],
    /^error: there is no \/nowhere\/agent.yaml\nremedy: /
  ],
  [['joinery-agent', 'status', '--watch', '-o', 'json'], /cannot be used with/],
  [['joinery-agent', 'recover', '--check', '--as-root'], /cannot be used with/],
  [['joinery-agent', 'recover', '--wait', '0'], /give a number of minutes/],
  [['joinery-agent', 'enrol', '--server', 'https://192.0.2.1:7443'], /required option '--pin <pin>' not specified/]
]

t.test('a wrong call says so and exits with 2', async (t) => {
  const ended = await Promise.all(wrong.map(async ([command, says]) => ({ says, ...(await run(...command)) })))
  for (const { command, says, stdout, stderr, code } of ended) {
    t.equal(code, 2, command)
    t.match(stderr, says, command)
    t.equal(stdout, '', command)
  }
})

t.test('a failure says why and what to do, and exits with 1', async (t) => {
  const folder = t.testdir({ 'server.yaml': stringify({ agents: { address: 'https://192.0.2.1:7443' } }) })
  const kubeconfig = `${folder}/admin.conf`
  const ended = await run('joinery-server', 'setup', '--config', `${folder}/server.yaml`, '--kubeconfig', kubeconfig)
  t.equal(ended.code, 1)
  t.match(
    ended.stderr,
    /^error: there is no kubeconfig .*admin.conf \(cluster-unavailable\)\nremedy: give the kubeconfig of a/
  )
})

const commands: Command[] = [
  ['joinery-server'],
  ['joinery-agent'],
  ...['preflight', 'enrol', 'status', 'why', 'recover', 'run', 'close-interrupted'].map(
    (name): Command => ['joinery-agent', name]
  )
]
const exitCodes = {
  'joinery-server': '0 ok, 1 failure, 2 usage',
  'joinery-agent':
    '0 ok, 1 failure, 2 usage, 3 a check fails, or the Node is not Ready, 4 not known yet: the same command later'
}

t.test('help begins with examples, ends with the exit codes, and exits with 0', async (t) => {
  const ended = await Promise.all(commands.map(async (words) => ({ of: words[0], ...(await run(...words, '--help')) })))
  for (const { of, command, stdout, code } of ended) {
    t.equal(code, 0, command)
    t.match(stdout, /^Examples:\n {2}\S/, command)
    t.ok(stdout.endsWith(`\nExit codes: ${exitCodes[of]}\n`), command)
  }
})
