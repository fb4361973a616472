import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import { runWith } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'
import { parse, stringify } from 'yaml'

/** A kubeconfig whose user logs in by the program `script`, in one of the ways that kubectl and client-node know. */
const kubeconfigFor = async (t: Test, script: string, way: 'exec' | 'gcp' | 'azure' | 'provider' = 'exec') => {
  const heard: (string | undefined)[] = []
  const server = await apiServer(t, (request, response) => {
    heard.push(request.headers.authorization)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ metadata: {}, items: [] }))
  })
  const config = parse(server.kubeconfig(''))
  const [apiVersion, interactiveMode] = ['client.authentication.k8s.io/v1', 'Never']
  const exec = { apiVersion, interactiveMode, command: '/bin/sh', args: ['-c', script] }
  const provider = (name: string, config: object) => ({ 'auth-provider': { name, config } })
  const ofCloud = { 'cmd-path': '/bin/sh', 'cmd-args': `-c '${script}'` }
  config.users[0].user = {
    exec: { exec },
    provider: provider('exec', { exec }),
    gcp: provider('gcp', ofCloud),
    azure: provider('azure', ofCloud)
  }[way]
  const path = join(t.testdir({}), 'config')
  writeFileSync(path, stringify(config))
  return { path, heard }
}

/** Runs `joinery list` with such a kubeconfig. */
const listWith = async (t: Test, script: string) => {
  const { path, heard } = await kubeconfigFor(t, script)
  return { ...(await runWith(['--kubeconfig', path, 'list'])), path, heard }
}

t.test('a program of the kubeconfig gives the credential, and it is said before', async (t) => {
  const credential = JSON.stringify({ kind: 'ExecCredential', status: { token: 'by-program' } })
  const { exitCode, err, heard, path } = await listWith(t, `echo '${credential}'`)
  t.equal(exitCode, 0)
  t.match(err, `${path} has a program run to log in: /bin/sh -c echo`)
  t.match(err, `No machine has enrolled yet.\nNext: joinery --kubeconfig ${path} code create\n`)
  t.ok(heard.every((header) => header === 'Bearer by-program'))
})

for (const way of ['exec', 'provider', 'gcp', 'azure'] as const) {
  t.test(`C15: a program of a kubeconfig runs as root only if the command line allows it: ${way}`, async (t) => {
    const ran = join(t.testdir({}), 'ran')
    const { path, heard } = await kubeconfigFor(t, `touch ${ran}`, way)
    const context = parse(readFileSync(path, 'utf8'))['current-context']
    const environment = { root: true, kubeconfig: path }
    for (const words of [
      ['--kubeconfig', path, 'list'],
      ['--context', context, 'list'],
      ['--kubeconfig', path, 'cluster', 'doctor'],
      ['--kubeconfig', path, 'cluster', 'harden', '--yes'],
      ['cluster', 'doctor'],
      ['--kubeconfig', path, 'status'],
      ['--kubeconfig', path, '-q', 'approve', 'worker-1']
    ]) {
      const { exitCode, out, err } = await runWith(words, environment)
      t.match({ exitCode, out }, { exitCode: 4, out: '' }, words.join(' '))
      t.match(err, /has a program run to log in: \/bin\/sh -c .* It would run as root\nremedy: .*--allow-exec\n$/s)
    }
    t.equal(existsSync(ran), false)
    t.same(heard, [])
    const { err } = await runWith(['--allow-exec', '--kubeconfig', path, 'list'], environment)
    t.match(err, `${path} has a program run to log in: `)
    t.equal(existsSync(ran), true)
  })
}

t.test(
  'C15: a completion of root runs no program of a kubeconfig, and the arguments of one are shown without secrets',
  async (t) => {
    const ran = join(t.testdir({}), 'ran')
    const { path } = await kubeconfigFor(t, `touch ${ran}; login --password hunter2`)
    const completed = await runWith(['__complete', '--kubeconfig', path, 'show', ''], { root: true })
    t.same([completed.err, existsSync(ran)], ['', false])
    const { err } = await runWith(['--kubeconfig', path, 'list'], { root: true })
    t.match(err, '--password <secret>')
  }
)

t.test('a program that fails is told in its own words, and one that prints no credential is not quoted', async (t) => {
  t.match(await listWith(t, 'echo log in first >&2; exit 1'), {
    exitCode: 1,
    out: '',
    err: /\nerror: your credential for https:\S+ cannot be had: log in first\nremedy: kubectl --kubeconfig \S+ auth whoami\n$/
  })
  const odd = await listWith(t, 'echo token-cana""ry')
  t.match(odd, { exitCode: 1, out: '' })
  t.notMatch(odd.err, /canary/)
})
