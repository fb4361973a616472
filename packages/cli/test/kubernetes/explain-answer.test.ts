import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { connectToCluster } from '../../src/kubernetes/connect.ts'
import { exec } from '../../src/terminal/exec.ts'
import { inFiles } from '../../src/terminal/kubeconfig.ts'

const forbidden = (rest: string): string => `enrolments.joinery.dev is forbidden: ${rest}`

/** A client of an API server that gives every request this answer. `none`: it never answers. */
const clientOf = async (t: Test, answer: { status: number; body: object | string } | 'none', timeout = 60_000) => {
  const server = await apiServer(t, (_, response) => {
    if (answer === 'none') return
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  })
  const folder = t.testdir({ config: server.kubeconfig('token-canary') })
  const terminal = { err: () => {}, told: (text: string) => text, now: () => new Date(), pause: async () => {}, exec }
  return connectToCluster(inFiles([join(folder, 'config')], {}), terminal, { timeout })
}

t.test('each answer that is no success ends with the exit code of its kind, in plain words', async (t) => {
  const status = (code: number, message: string, name?: string) => ({
    status: code,
    body: { kind: 'Status', message, ...(name !== undefined && { details: { name } }) }
  })
  const rows: [Parameters<typeof clientOf>[1], number, string | RegExp][] = [
    [status(401, 'Unauthorized'), 4, 'the API server does not accept your credential (401)'],
    [
      status(
        403,
        forbidden('User "alice" cannot list resource "enrolments" in API group "joinery.dev" at the cluster scope')
      ),
      4,
      'alice may not list enrolments.joinery.dev'
    ],
    [
      status(
        403,
        'nodes is forbidden: User "system:serviceaccount:a:b" cannot list resource "nodes" in API group "" at the cluster scope'
      ),
      4,
      'system:serviceaccount:a:b may not list nodes'
    ],
    [
      status(403, forbidden('the webhook says no')),
      4,
      `the API server forbids it (403): ${forbidden('the webhook says no')}`
    ],
    [
      status(
        422,
        "x is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: alice may not approve enrolments"
      ),
      4,
      'alice may not approve enrolments'
    ],
    [status(422, 'spec.key: Invalid value'), 2, 'the API server refuses it (422): spec.key: Invalid value'],
    [
      status(404, 'the server could not find the requested resource'),
      1,
      'the cluster does not serve joinery.dev/v1beta1 (404)'
    ],
    [status(409, 'the object has been modified'), 6, 'the API server refuses it (409): the object has been modified'],
    [status(429, 'too many'), 1, 'the API server cannot serve now (429): too many'],
    [status(503, 'x'.repeat(10_000)), 1, `the API server cannot serve now (503): ${'x'.repeat(512)}`],
    [{ status: 502, body: '<html>proxy</html>' }, 1, 'the API server cannot serve now (502): no reason given'],
    [{ status: 200, body: '<html>proxy</html>' }, 1, /^the answer is not one of an API server: https/],
    [{ status: 200, body: 'null' }, 1, /^the answer is not one of an API server: https/]
  ]
  for (const [answer, exitCode, message] of rows) {
    const client = await clientOf(t, answer)
    await t.rejects(client.list(), { exitCode, message }, JSON.stringify(answer).slice(0, 120))
  }
})

t.test('an API server that never answers is a timeout', async (t) => {
  const client = await clientOf(t, 'none', 50)
  await t.rejects(client.list(), { exitCode: 5, message: /^no answer of the API server https:\S+ in time$/ })
})
