import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { digestOf, type StatementAnswer, statementHeader } from '@joinery/protocol'
import { openStatement } from '@joinery/protocol/statement'
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
