import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { apiServer } from '@joinery/testing/cluster/api-server'
import { view } from '@joinery/testing/command/fixtures'
import { program } from '@joinery/testing/processes/program'
import t, { type Test } from 'tap'

const main = program('packages/cli/src/main.ts')
const id = '019301b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b'
const time = '2026-11-25T12:00:00.000Z'
const metadata = { uid: 'u', creationTimestamp: time }

/** A home with a kubeconfig, and the API server of a cluster whose pairing server is off. `made` resolves with the Decision. */
const cluster = async (t: Test) => {
  const made = Promise.withResolvers<{ metadata: { name: string } }>()
  const lines: string[] = []
  let decision: object | undefined
  const server = await apiServer(t, async (request, response) => {
    const url = decodeURIComponent(request.url ?? '')
    lines.push(`${request.method} ${url} ${JSON.stringify(request.headers)}`)
    const body = await text(request)
    const answer = (): object | undefined => {
      if (url.startsWith('/apis/authentication')) return { status: { userInfo: { username: 'alice' } } }
      if (url.includes('/enrolments'))
        return { metadata: {}, items: [{ metadata: { ...metadata, name: id }, status: view }] }
      if (request.method === 'POST') decision = JSON.parse(body)
      return url.includes('/decisions') ? decision : undefined
    }
    const object = answer()
    response.statusCode = object === undefined ? 404 : 200
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify(
        object === undefined
          ? { details: { name: 'it' } }
          : { ...object, metadata: { ...metadata, ...(object as { metadata?: object }).metadata } }
      )
    )
    if (request.method === 'POST' && decision !== undefined) made.resolve(decision as never)
  })
  const home = mkdtempSync(join(tmpdir(), 'joinery-home-'))
  t.teardown(() => rmSync(home, { recursive: true }))
  const kubeconfig = join(home, 'kubeconfig')
  writeFileSync(kubeconfig, server.kubeconfig('token-canary'))
  return { home, kubeconfig, made: made.promise, lines }
}

const start = (home: string, env: NodeJS.ProcessEnv, ...words: string[]) =>
  spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })

t.test(
  'SIGINT while the Decision is open ends the command at once with exit code 130, and says that it stays open',
  async (t) => {
    const { home, kubeconfig, made } = await cluster(t)
    const command = start(home, {}, '--kubeconfig', kubeconfig, 'approve', 'node-1', '--revision', '3')
    const [out, err, end] = [text(command.stdout), text(command.stderr), once(command, 'close')]
    const {
      metadata: { name }
    } = await made
    command.kill('SIGINT')
    t.same(await end, [null, 'SIGINT'])
    t.equal(await out, '')
    const kubectl = `kubectl --kubeconfig ${kubeconfig}`
    t.ok(
      (await err).endsWith(
        `the Decision ${name} stays open for an hour\nto do: watch it: ${kubectl} get decision ${name} -w; take it back, if you may: ${kubectl} delete decision ${name}\n`
      ),
      await err
    )
  }
)

t.test('KUBECONFIG alone names the cluster, pins are below XDG_STATE_HOME, and no token is printed', async (t) => {
  const { home, kubeconfig, lines } = await cluster(t)
  // root who has a socket here would be served by it
  t.notOk(existsSync('/run/joinery/operator.sock'))
  const list = start(home, { KUBECONFIG: kubeconfig, XDG_STATE_HOME: join(home, 'state') }, 'list')
  const [out, err, [exitCode]] = await Promise.all([text(list.stdout), text(list.stderr), once(list, 'close')])
  t.equal(exitCode, 0, err)
  t.match(out, /^NAME .*\nnode-1 +pending /)
  t.equal(err, 'Next: joinery approve node-1\n')
  t.ok(
    lines.every((line) => line.includes('Bearer token-canary')),
    'the kubeconfig was used'
  )
  t.notMatch(out + err, /canary/)
})
