import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { AgentStatus, PreflightReport, Why } from '@joinery/protocol'
import { needsRoot } from '@joinery/testing/processes/needs'
import { program } from '@joinery/testing/processes/program'
import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import { checksFor } from '../src/machine/preflight/run-checks.ts'

// a start takes half a second of CPU time
t.setTimeout(120_000)

const main = program('packages/agent/src/main.ts')

/** What the program says to this configuration; the folder is taken out of its words. */
const run = (t: Test, files: Record<string, string>) => {
  const folder = t.testdir(files)
  const words = [main, 'run', '--config', join(folder, 'agent.yaml')]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return { status, stdout, stderr: stderr.replaceAll(`${folder}/`, '').trim().split('\n') }
}

t.test('a configuration with mistakes is exit code 2, and every mistake has its line', async (t) => {
  const lines = [
    'server: https://192.0.2.1:7443',
    'apiEndpoint: [192.0.2.1]',
    'pinn: x',
    '',
    'codeFile: 7',
    'nodeIp: eth0',
    'servers: [https://192.0.2.2:7443, http://192.0.2.3]'
  ]
  t.same(run(t, { 'agent.yaml': lines.join('\n') }), {
    status: 2,
    stdout: '',
    stderr: [
      'error: agent.yaml:2: apiEndpoint: must be a text',
      'error: agent.yaml:3: pinn: unknown key',
      'error: agent.yaml:5: codeFile: must be a text',
      'error: agent.yaml:6: nodeIp: must be an IP address',
      'error: agent.yaml:7: servers.1: must be https://HOST:PORT',
      'error: agent.yaml: pin: is missing',
      'remedy: correct agent.yaml, or write a new one: joinery-agent enrol --replace'
    ]
  })
})

t.test('a configuration that is missing is exit code 2', async (t) => {
  t.match(run(t, {}), {
    status: 2,
    stdout: '',
    stderr: ['error: there is no agent.yaml', 'remedy: joinery-agent enrol --help']
  })
})

const agent = (words: string[], input = '') =>
  spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', input })

t.test(
  'why needs root, no server, and no kubelet; it prints the published schema, and exits with 3 on a machine that never joined',
  async (t) => {
    const { status, stdout, stderr } = agent(['why', '-o', 'json'])
    if (process.geteuid?.() !== 0) {
      t.same([status, stderr], [1, 'error: only root may look at the kubelet\nremedy: sudo joinery-agent why\n'])
      return
    }
    t.equal(stderr, '')
    const why: unknown = JSON.parse(stdout)
    t.ok(Value.Check(Why, why))
    t.match(why, { ready: false, summary: /^This machine has never joined a cluster, / })
    t.equal(status, 3)
  }
)

t.test('preflight runs by itself, prints the published schema, and exits by its result', async (t) => {
  const { status, stdout, stderr } = agent(['preflight', '-o', 'json'])
  t.equal(stderr, '')
  const report: unknown = JSON.parse(stdout)
  t.ok(Value.Check(PreflightReport, report))
  const { checks, result } = report as PreflightReport
  const input = { role: 'worker', ignore: [] } as const
  t.same(
    checks.map(({ name }) => name),
    checksFor(input).map(({ name }) => name)
  )
  t.equal(status, result === 'fail' ? 3 : 0)
  const ignored = agent(['preflight', '-o', 'json', ...checks.flatMap(({ name }) => ['--ignore', name])])
  t.equal(ignored.status, 0)
  t.not((JSON.parse(ignored.stdout) as PreflightReport).result, 'fail')
})

t.test('a person gets a table, without colours if there is no terminal, and what to type next', async (t) => {
  const { stdout, stderr } = agent(['preflight'])
  t.match(stdout, /^CHECK +VERDICT +FINDING\n[\s\S]*\n\d+ checks: /)
  t.notMatch(stdout, '\x1b')
  t.match(stderr, /^Next: /)
})

t.test('preflight uses a configuration that is there, and reports a broken one', async (t) => {
  const pin = `sha256:${'a'.repeat(64)}`
  const folder = t.testdir({
    'good.yaml': `server: https://127.0.0.1:1\npin: ${pin}\napiEndpoint: 127.0.0.1:1\n`,
    'bad.yaml': 'server: 1\n'
  })
  const good = agent(['preflight', '-o', 'json', '--config', join(folder, 'good.yaml')])
  const { checks } = JSON.parse(good.stdout) as PreflightReport
  t.match(checks.find(({ name }) => name === 'api-endpoint')?.finding, '127.0.0.1:1')
  t.match(agent(['preflight', '--config', join(folder, 'bad.yaml')]), {
    status: 2,
    stdout: '',
    stderr: /bad.yaml:1: server/
  })
})

t.test('status of an agent without configuration says so, in the published schema', async (t) => {
  const config = ['--config', join(t.testdir({}), 'agent.yaml')]
  const { status, stdout, stderr } = agent(['status', '-o', 'json', ...config])
  t.match({ status, stderr }, { status: 0, stderr: '' })
  const found: unknown = JSON.parse(stdout)
  t.ok(Value.Check(AgentStatus, found))
  t.match(found, { agent: 'not-configured', remedy: ['joinery-agent enrol --help'] })
  t.match(agent(['status', '--watch', ...config]), { status: 1, stdout: /^not-configured: / })
})

t.test(
  'enrol finds a typing error before it does anything, and does not repeat the code',
  { skip: needsRoot },
  async (t) => {
    const pin = `sha256:${'a'.repeat(64)}`
    const code = 'jny_0123456789ABCDEFGHJKMNPQ99'
    const words = ['enrol', '--server', 'https://192.0.2.1:7443', '--pin', pin, '--code-file', '-']
    const { status, stdout, stderr } = agent(words, `${code}\n`)
    t.match({ status, stdout }, { status: 2, stdout: '' })
    t.match(stderr, /^error: the code is mistyped: /)
    t.notMatch(stderr, code.slice(4, 12))
  }
)

t.test('enrol takes several servers, and each has to be one', async (t) => {
  const pin = `sha256:${'a'.repeat(64)}`
  const servers = ['https://192.0.2.1:7443', 'https://192.0.2.2:7443/v1'].flatMap((url) => ['--server', url])
  const { status, stderr } = agent(['enrol', ...servers, '--pin', pin, '--code-file', '-'])
  t.same([status, stderr], [2, 'error: --server has to be https://host:port, 17 times at most\n'])
})

t.test('the help shows the commands for people and hides those of units', async (t) => {
  const { stdout, status } = agent(['--help'])
  for (const command of ['preflight', 'enrol', 'status', 'why', 'recover', 'run'])
    t.match(stdout, new RegExp(`^  ${command} `, 'm'), command)
  for (const command of ['close-interrupted', 'mend', 'clean-up'])
    t.notMatch(stdout, new RegExp(`^  ${command} `, 'm'), command)
  t.equal(status, 0)
  t.match(agent(['clean-up', '--help']).stdout, /^Usage: joinery-agent clean-up/m)
})
