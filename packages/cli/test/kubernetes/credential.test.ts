import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import { runWith } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'
import { parse, stringify } from 'yaml'

/** Runs `joinery list` with a kubeconfig that has the program `script` give the credential. */
const listWith = async (t: Test, script: string) => {
  const heard: (string | undefined)[] = []
  const server = await apiServer(t, (request, response) => {
    heard.push(request.headers.authorization)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ metadata: {}, items: [] }))
  })
  const config = parse(server.kubeconfig(''))
  const [apiVersion, interactiveMode] = ['client.authentication.k8s.io/v1', 'Never']
  config.users[0].user = { exec: { apiVersion, interactiveMode, command: '/bin/sh', args: ['-c', script] } }
  const path = join(t.testdir({}), 'config')
  writeFileSync(path, stringify(config))
  return { ...(await runWith(['--kubeconfig', path, 'list'])), heard }
}

t.test('a program of the kubeconfig gives the credential', async (t) => {
  const credential = JSON.stringify({ kind: 'ExecCredential', status: { token: 'by-program' } })
  const { exitCode, err, heard } = await listWith(t, `echo '${credential}'`)
  t.same([exitCode, err], [0, 'No machine has enrolled yet.\nNext: joinery code create\n'])
  t.ok(heard.every((header) => header === 'Bearer by-program'))
})

t.test('a program that fails is told in its own words, and one that prints no credential is not quoted', async (t) => {
  t.match(await listWith(t, 'echo log in first >&2; exit 1'), {
    exitCode: 1,
    out: '',
    err: /^error: your credential for https:\S+ cannot be had: log in first\nremedy: kubectl --kubeconfig \S+ auth whoami\n$/
  })
  const odd = await listWith(t, 'echo token-canary')
  t.match(odd, { exitCode: 1, out: '' })
  t.notMatch(odd.err, /canary/)
})
