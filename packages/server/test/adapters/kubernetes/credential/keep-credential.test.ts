import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { credentialLifetime } from '../../../../src/adapters/kubernetes/credential/credential-lifetime.ts'
import { keepCredential } from '../../../../src/adapters/kubernetes/credential/keep-credential.ts'
import type { Timers } from '../../../../src/core/base/clock.ts'
import { makeLog } from '../../../../src/core/base/log.ts'
import { fixedFacts, withFixedFacts } from '../../../../src/core/trust/fixed-facts.ts'

const hour = 3600_000
const week = 7 * 24 * hour

const tokenFor = (issued: Date, lifetime: number): string => {
  const iat = issued.getTime() / 1000
  return `e30.${Buffer.from(JSON.stringify({ iat, exp: iat + lifetime / 1000 })).toString('base64url')}.c2ln`
}

/** A server's kubeconfig, kept at an API server that gives tokens of `lifetime`. */
const keptCredential = async (t: Test, lifetime: number) => {
  let now = new Date('2026-01-01T00:00:00Z')
  let refusal: number | undefined
  const asked: string[] = []
  const lines: string[] = []
  /** What a timer does each minute. */
  let everyMinute: () => unknown = () => undefined
  const timers: Timers = {
    setInterval: (act, milliseconds) => {
      t.equal(milliseconds, 60_000)
      everyMinute = act
      return { unref: () => undefined }
    },
    clearInterval: () => undefined
  }
  const answer = (response: ServerResponse): void => {
    const token = tokenFor(now, lifetime)
    const expirationTimestamp = new Date(now.getTime() + lifetime).toISOString()
    const body = refusal === undefined ? { status: { token, expirationTimestamp } } : { message: 'not now' }
    response.writeHead(refusal ?? 201, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const api = await apiServer(t, (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    answer(response)
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig(tokenFor(now, lifetime)))
  return {
    file,
    asked,
    content: () => readFile(file, 'utf8'),
    issued: async () => (await credentialLifetime(file))?.issued,
    pass: (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds)
      return now
    },
    refuse: (status: number | undefined) => {
      refusal = status
    },
    said: () => lines.map((line) => JSON.parse(line)),
    start: () => {
      const log = makeLog({ write: (line) => void lines.push(line) })
      const { stop } = keepCredential({ kubeconfigFile: file, clock: { now: () => now }, log, timers })
      t.teardown(stop)
    },
    /** The next minute; ends when what it began has ended. */
    look: async () => everyMinute()
  }
}

t.test('at its start the server asks for a new token with its own, and replaces the whole file', async (t) => {
  const { file, asked, start, look, pass, issued, content } = await keptCredential(t, week)
  const before = await content()
  const [, token] = /token: (\S+)/.exec(before) ?? []
  const now = pass(hour)
  start()
  await look()
  const path = '/api/v1/namespaces/joinery-system/serviceaccounts/joinery-server/token'
  t.same(asked, [`POST ${path} Bearer ${token}`], 'once: the look finds it new')
  t.same(await issued(), now)
  for (const kept of [/server: .*/, /certificate-authority-data: .*/])
    t.equal(kept.exec(await content())?.[0], kept.exec(before)?.[0], String(kept))
  t.equal((await stat(file)).mode & 0o777, 0o600)
  t.same(await readdir(dirname(file)), ['kubeconfig'])
})

t.test('a renewal keeps what root fixed in the file', async (t) => {
  const { file, asked, start, look, content } = await keptCredential(t, week)
  const facts = { cluster: 'uid', apiEndpoint: '10.0.0.1:6443' }
  await writeFile(file, withFixedFacts(await content(), facts))
  start()
  await look()
  t.equal(asked.length, 1)
  t.same(await fixedFacts(file), facts)
})

for (const [name, lifetime] of Object.entries({ hour, week })) {
  t.test(`a token for one ${name} is renewed after a quarter of that, and not at every look`, async (t) => {
    const { asked, start, look, pass, issued } = await keptCredential(t, lifetime)
    start()
    await look()
    const first = await issued()
    pass(lifetime / 4)
    await look()
    t.same(await issued(), first)
    const now = pass(60_000)
    await look()
    t.same(await issued(), now)
    await look()
    t.equal(asked.length, 2)
  })
}

t.test('a renewal that failed at the start is done at a look, even if the token is new', async (t) => {
  const { asked, start, look, pass, refuse, issued } = await keptCredential(t, week)
  refuse(503)
  start()
  await look()
  await look()
  t.equal(asked.length, 3)
  refuse(undefined)
  const now = pass(60_000)
  await look()
  t.same(await issued(), now)
  await look()
  t.equal(asked.length, 4, 'once')
})

t.test('a failed renewal keeps the file, is logged once, and is tried again at each look', async (t) => {
  const { asked, start, look, pass, refuse, issued, content, said } = await keptCredential(t, hour)
  const before = await content()
  refuse(503)
  pass(hour / 2)
  start()
  await look()
  await look()
  t.equal(asked.length, 3)
  t.equal(await content(), before)
  t.match(said(), [{ reason: 'the API server cannot serve now (503): not now' }])
  refuse(500)
  await look()
  t.equal(said().length, 2, 'another reason is news')
  refuse(undefined)
  const now = pass(60_000)
  await look()
  t.same(await issued(), now)
  t.match(said().slice(2), [{ msg: 'renewed the own token' }])
})

t.test('without a kubeconfig the server waits for the one that setup writes', async (t) => {
  const { file, asked, start, look, content, issued, pass, said } = await keptCredential(t, week)
  const text = await content()
  await writeFile(file, '')
  start()
  await look()
  await look()
  t.match(said(), [{ reason: /is not a kubeconfig that can be used$/ }])
  await writeFile(file, text)
  const now = pass(week / 2)
  await look()
  t.equal(asked.length, 1)
  t.same(await issued(), now)
})
