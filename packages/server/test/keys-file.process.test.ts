import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t from 'tap'
import { initialized, joineryServer } from './support/server-process.ts'

// each start loads the whole server, on a machine that has more to do
t.setTimeout(240_000)

const namespace = (uid: string) => ({ kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'kube-system', uid } })

t.test('keys go from host to host by the two commands, and a mistake exits 2 and writes nothing', async (t) => {
  let uid = 'c1'
  let away = false
  const api = await apiServer(t, (request, response: ServerResponse) => {
    const known = request.url === '/api/v1/namespaces/kube-system' && !away
    response.writeHead(known ? 200 : 503, { 'content-type': 'application/json' })
    response.end(JSON.stringify(known ? namespace(uid) : { kind: 'Status', message: 'away' }))
  })
  const { folder, state, configFile } = await initialized(t)
  const [kubeconfig, file, phrase] = ['admin.conf', 'joinery.keys', 'passphrase'].map((name) => join(folder, name)) as [
    string,
    string,
    string
  ]
  await writeFile(kubeconfig, api.kubeconfig('admin'))
  const exported = await joineryServer(
    'keys',
    'export',
    '--out',
    file,
    '--kubeconfig',
    kubeconfig,
    '--config',
    configFile
  )
  t.equal(exported.err, '')
  t.equal(exported.exitCode, 0)
  const [, shown = ''] = /^passphrase: (\S+)$/m.exec(exported.out) ?? []
  await writeFile(phrase, `${shown}\n`, { mode: 0o600 })

  const other = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(other, { recursive: true }))
  const otherConfig = join(other, 'server.yaml')
  await writeFile(otherConfig, `agents: {address: 'https://192.0.2.2:7443'}\nstate: ${join(other, 'state')}\n`)
  const init = (...more: string[]) =>
    joineryServer('init', '--keys', file, '--kubeconfig', kubeconfig, '--config', otherConfig, ...more)

  const unasked = await init()
  t.match(unasked, {
    err: /^error: there is no terminal to ask for the passphrase\nremedy: give it with --pass/,
    exitCode: 2
  })
  uid = 'c2'
  const foreign = await init('--passphrase-file', phrase)
  t.match(foreign, { err: /^error: \S+ has the keys for the cluster c1 .*, and this host's is c2 /, exitCode: 2 })
  away = true
  const silent = await init('--passphrase-file', phrase)
  t.match(silent, {
    err: /^error: the cluster cannot be asked who it is: the API server cannot serve now/,
    exitCode: 2
  })
  t.notOk(existsSync(join(other, 'state')), 'nothing was written')

  uid = 'c1'
  away = false
  const done = await init('--passphrase-file', phrase)
  t.equal(done.err, '')
  t.equal(done.exitCode, 0)
  for (const name of ['ca.key', 'ca.crt', 'master.key', 'audit.key']) {
    const [one, two] = [state, join(other, 'state')].map((where) => readFile(join(where, name)))
    t.ok((await one)?.equals((await two) as Buffer), name)
  }
  t.match(done.out, /^pin: sha256:/m)

  const again = await joineryServer('keys', 'export', '--out', file, '--kubeconfig', kubeconfig, '--config', configFile)
  t.match(again, { out: '', err: /^error: \S+ is there already\nremedy: name another file/, exitCode: 2 })
  const mistyped = await joineryServer('keys', 'export')
  t.match(mistyped, { err: /required option '--out <file>' not specified/, exitCode: 2 })
})
