import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { httpPairingServer, keptPins } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { filesUnder } from '@joinery/host/files'
import { digestOf, type StatementAnswer, statementHeader } from '@joinery/protocol'
import { type InstallationView, installationName } from '@joinery/protocol/door'
import { openStatement } from '@joinery/protocol/statement'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

/** An answer to a machine that has no certificate yet. */
const ask = async ({ url }: Pairing, path: string, method = 'GET') => {
  const asked = request(new URL(path, url), { method, rejectUnauthorized: false, agent: false })
  asked.end()
  const [answer] = await once(asked, 'response')
  return { status: answer.statusCode, digest: answer.headers[statementHeader], body: await text(answer) }
}

t.test('a machine reads the statement before it has a code, and each answer says which one it is', async (t) => {
  const pairing = await openPairing(t)
  const { status, digest, body } = await ask(pairing, '/v1/statement')
  t.equal(status, 200)
  const answer: StatementAnswer = JSON.parse(body)
  t.equal(digest, digestOf(answer))
  const { statement } = await openStatement(answer.statement, [pairing.pin], new Date())
  t.equal(statement.server, pairing.config.agents.address)
  for (const [path, method, refusal] of [
    ['/v1/enrolment', 'GET', 401],
    ['/v1/none', 'GET', 404],
    ['/v1/enrolments', 'POST', 401],
    ['/install/sha256/x.deb', 'GET', 400]
  ] as const)
    t.match(await ask(pairing, path, method), { status: refusal, digest }, path)
})

t.test('after an upgrade without setup a server signs nothing, and serves machines as before', async (t) => {
  const pairing = await openPairing(t)
  await pairing.restart({ meanwhile: () => rm(join(pairing.config.state, 'kubeconfig')) })
  t.match(await ask(pairing, '/v1/statement'), {
    status: 503,
    digest: undefined,
    body: /"no-statement".*joinery-server setup/
  })
  t.notMatch(pairing.log, /no-statement/, 'whoever asks again and again does not fill the log')
  const machine = await pairing.machine()
  t.match(await machine.enrol((await pairing.code('worker-1')).code), { state: 'pending' })
})

t.test('Kubernetes shows the statement, and no next pin that the CA did not sign', async (t) => {
  const pairing = await openPairing(t)
  const shown = async () => pairing.cluster.views.statuses('installations').get(installationName)
  await eventually('it is shown', async () => (await shown()) !== undefined)
  const { statement = '', ...rest } = (await shown()) as InstallationView
  t.match((await openStatement(statement, [pairing.pin], new Date())).statement, {
    server: pairing.config.agents.address
  })
  t.notOk('signedNextPin' in rest)
})

t.test('a machine that keeps a pin which this server never announced is an alert, and changes nothing', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { revision } = await machine.enrol((await pairing.code('worker-1')).code)
  const evil = `sha256:${'e'.repeat(64)}`
  const pins = keptPins(filesUnder(t.testdir({})), '/pins', { pin: pairing.pin, nextPin: evil }, () => true)
  const server = httpPairingServer(pairing.url, pins, async () => machine.identity, systemClock)
  t.teardown(() => server.close())
  await server.wait(0, 0, new AbortController().signal)
  const alerts = async () =>
    (await pairing.operator.status()).alerts.last.filter(({ event }) => event === 'unknown-pin')
  await eventually('the alert is there', async () => (await alerts()).length > 0)
  t.match(await alerts(), [{ detail: /worker-1 \(sha256:e+\)/ }])
  t.match(await pairing.operator.show('worker-1'), { revision, state: 'pending' })
  t.match((await pairing.operator.status()).agents, { pin: pairing.pin, nextPin: undefined })
})
