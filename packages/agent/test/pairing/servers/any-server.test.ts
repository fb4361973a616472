import { existsSync, readFileSync } from 'node:fs'
import { filesUnder } from '@joinery/host/files'
import { digestOf, ProblemError, type StatementAnswer } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type AgentsFront, agentsFront, type FrontAnswer } from '@joinery/testing/front/agents-front'
import { nextPinBy, statementBy } from '@joinery/testing/front/statements'
import { serverHost } from '@joinery/testing/pairing/server-host'
import { factsOf } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'
import { loadIdentity } from '../../../src/keys/identity.ts'
import type { NoResult } from '../../../src/pairing/pairing-server.ts'
import { apart } from '../../../src/pairing/servers/known-servers.ts'
import { openServers } from '../../../src/pairing/servers/open-servers.ts'
import { silence } from '../../../src/pairing/servers/plan-round.ts'
import { systemClock } from '../../../src/program/clock.ts'
import { makeLog } from '../../../src/program/log.ts'

const stateDirectory = '/var/lib/joinery-agent'
const x = 'https://192.0.2.7:7443'

/** A machine, and servers with one pin. */
const open = async (t: Test, count: number) => {
  const { folder, pin } = await serverHost(t)
  const fronts: AgentsFront[] = []
  while (fronts.length < count) fronts.push(await agentsFront(t, `${folder}/server`))
  const root = t.testdir({})
  const files = filesUnder(root)
  const identity = await loadIdentity(files, stateDirectory, factsOf('one'))
  const lines: { level: number; msg?: string }[] = []
  const log = makeLog()
  log.level = 'silent'
  for (const level of ['debug', 'info', 'warn'] as const) {
    log[level] = ((_: object, msg?: string) =>
      void lines.push({ level: log.levels.values[level] ?? 0, ...(msg && { msg }) })) as typeof log.info
  }
  const [server = '', ...servers] = fronts.map(({ url }) => url)
  const time = { passed: 0 }
  const clock = { now: systemClock.now, monotonic: () => time.passed }
  const start = (
    config: { server: string; servers: string[]; pin: string; nextPin?: string } = { server, servers, pin }
  ) => openServers({ config, files, stateDirectory, identity: async () => identity, clock, log })
  const kept = async (): Promise<string[]> => {
    const { proven } = JSON.parse((await files.read(`${stateDirectory}/servers.json`)) ?? '{"proven":[]}')
    return proven.map(({ url }: { url: string }) => url)
  }
  const pins = async () => JSON.parse((await files.read(`${stateDirectory}/pins.json`)) ?? 'null')
  /** Statement of these servers, and the next pin by the CA. */
  const naming = ([first = '', ...others]: string[], next?: string): Promise<StatementAnswer> =>
    statementBy(`${folder}/server`, { server: first, servers: others }, next)
  return { fronts, folder, files, pin, start, kept, pins, naming, time, lines }
}

const none: FrontAnswer = { status: 204 }
const never = new AbortController().signal

/** Two answers of the only configured server name others, ten minutes apart. Then it is gone for so long that one of these is asked. */
const namedTwiceThenSilent = async (
  t: Test,
  server: ReturnType<typeof openServers>['server'],
  front: AgentsFront,
  time: { passed: number }
): Promise<void> => {
  await server.wait(0, 0, never)
  time.passed += apart
  await server.wait(0, 0, never)
  await front.close()
  const isAway = { message: /it closed the connection|nothing listens there/ }
  await t.rejects(server.wait(0, 0, never), isAway)
  time.passed += silence
  await t.rejects(server.wait(0, 0, never), isAway)
  await t.rejects(server.wait(0, 0, never), isAway)
}

t.test('the agent goes on at the server that is active, and stays there', async (t) => {
  const { fronts, start } = await open(t, 3)
  const [a, b, c] = fronts as [AgentsFront, AgentsFront, AgentsFront]
  await a.close()
  c.answer = () => none
  const { server, inUse } = start()
  await t.rejects(server.wait(0, 0, never), { next: 'elsewhere', message: /nothing listens there/ })
  await t.rejects(server.wait(0, 0, never), { next: 'elsewhere', message: `${b.url} is not the active server` })
  t.equal(await server.wait(0, 0, never), undefined)
  t.equal(await server.wait(0, 0, never), undefined)
  t.equal(inUse(), c.url)
  t.same([b.requests.length, c.requests.length], [1, 2])
})

t.test('the CA of one server is looked at once: at each other one the handshake of the call shows it', async (t) => {
  const { fronts, start, pins, naming, pin } = await open(t, 3)
  const [a, b, c] = fronts as [AgentsFront, AgentsFront, AgentsFront]
  const { folder, pin: next } = await serverHost(t)
  for (const front of fronts) front.statement = await naming([a.url, b.url, c.url], next)
  const { server } = start()
  for (const front of fronts)
    await t.rejects(server.wait(0, 0, never), { message: `${front.url} is not the active server` })
  t.same(
    fronts.map(({ connections }) => connections),
    [2, 1, 1],
    'and the statement comes over the same connection'
  )
  t.same(await pins(), { of: pin, pin, next: c.statement?.nextPin })
  await a.turn(`${folder}/server`)
  a.answer = () => none
  t.equal(await server.wait(0, 0, never), undefined, 'a server that has another CA since is looked at again')
  t.same(await pins(), { of: pin, pin: next })
  t.equal(a.connections, 5)
  await t.rejects(start({ server: b.url, servers: [], pin: next }).server.wait(0, 0, never), {
    message: /is not the pinned server: expected a CA with key/
  })
})

t.test('a server whose CA is not that of another one gets nothing, although that one was met', async (t) => {
  const { fronts, start, pin } = await open(t, 1)
  const [good] = fronts as [AgentsFront]
  const { folder } = await serverHost(t)
  const impostor = await agentsFront(t, `${folder}/server`)
  const { server } = start({ server: good.url, servers: [impostor.url], pin })
  await t.rejects(server.enrol({} as never), { next: 'elsewhere', message: /is not the active server/ })
  await t.rejects(server.enrol({} as never), {
    message: /is not the pinned server: expected .* seen .*; nothing was sent/
  })
  t.same(impostor.requests, [])
})

t.test('each call may be made at another server', async (t) => {
  const { fronts, start } = await open(t, 2)
  const [a, b] = fronts as [AgentsFront, AgentsFront]
  const calls = Object.entries(start().server)
  const { body } = new ProblemError('illegal-event')
  for (const [name] of calls) {
    b.answer = () => ({ status: body.status, body })
    const { server } = start()
    const call = server[name as keyof typeof server] as (...given: unknown[]) => Promise<unknown>
    const given = name === 'wait' ? [0, 0, never] : [{}]
    await t.rejects(call(...given), { next: 'elsewhere', message: /is not the active server/ }, name)
    await t.rejects(call(...given), { code: 'illegal-event' }, name)
    t.equal(a.requests.at(-1), b.requests.at(-1), name)
  }
  t.equal(calls.length, 11)
})

t.test('a poll that is open when its server dies goes on at the next one', async (t) => {
  const { fronts, start } = await open(t, 2)
  const [a, b] = fronts as [AgentsFront, AgentsFront]
  const asked = Promise.withResolvers<void>()
  a.answer = () => {
    asked.resolve()
    return 'none'
  }
  b.answer = () => none
  const { server } = start()
  const poll = server.wait(0, 50, never).catch((error: NoResult) => error.next)
  await asked.promise
  await a.close()
  t.equal(await poll, 'elsewhere')
  t.equal(await server.wait(0, 0, never), undefined)
})

const isLinux = existsSync('/proc/net/tcp') ? false : 'only Linux shows its timers'
t.test('the kernel asks soon whether the host of an open poll is still there', { skip: isLinux }, async (t) => {
  const { fronts, start } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  const asked = Promise.withResolvers<void>()
  a.answer = () => {
    asked.resolve()
    return 'none'
  }
  const stop = new AbortController()
  const poll = start()
    .server.wait(0, 50, stop.signal)
    .catch(() => {})
  await asked.promise
  const port = a.port.toString(16).toUpperCase().padStart(4, '0')
  const connection = new RegExp(`: \\S+ 0100007F:${port} 01 \\S+ (\\d\\d):(\\S+) `)
  // the packet with the request may be on its way still: then another timer runs
  const timer = await eventually('the timer of an idle connection runs', async () => {
    const [, kind, left = ''] = connection.exec(readFileSync('/proc/net/tcp', 'utf8')) ?? []
    return kind === '02' && Number.parseInt(left, 16)
  })
  t.ok(timer <= 500, `in ${timer} hundredths of a second`)
  stop.abort()
  await poll
})

t.test('a server with another key gets nothing, it is said loudly, and the next one is asked', async (t) => {
  const { fronts, start, pin, lines } = await open(t, 1)
  const [good] = fronts as [AgentsFront]
  const { folder } = await serverHost(t)
  const impostor = await agentsFront(t, `${folder}/server`)
  good.answer = () => none
  const { server } = start({ server: impostor.url, servers: [good.url], pin })
  await t.rejects(server.enrol({} as never), {
    next: 'elsewhere',
    message: /is not the pinned server: expected .* seen .*; nothing was sent; if its CA was rotated/
  })
  t.match(lines, [{ level: 40, msg: /is not the pinned server/ }])
  t.equal(await server.wait(0, 0, never), undefined)
  t.same(impostor.requests, [])
})

t.test(
  'an agent keeps what a server names twice, through a restart, and asks it after a silence of its own',
  async (t) => {
    const { fronts, start, kept, naming, files, pin, time } = await open(t, 2)
    const [a, b] = fronts as [AgentsFront, AgentsFront]
    a.answer = () => none
    a.statement = await naming([a.url, b.url, x])
    const config = { server: a.url, servers: [], pin }
    const first = start(config)
    await first.server.wait(0, 0, never)
    time.passed += apart - 1
    await first.server.wait(0, 0, never)
    t.same(await kept(), [], 'named once')
    time.passed += 1
    await first.server.wait(0, 0, never)
    t.same(await kept(), [b.url, x])
    t.same(a.requests.filter((line) => line === 'GET /v1/statement').length, 1, 'the statement is asked for once')
    t.equal((await files.stat(`${stateDirectory}/servers.json`))?.mode, 0o600)
    await a.close()
    b.answer = () => none
    b.statement = a.statement
    const { server, inUse } = start(config)
    await t.rejects(server.wait(0, 0, never), /nothing listens there/)
    time.passed += silence
    await t.rejects(server.wait(0, 0, never), /nothing listens there/)
    await t.rejects(server.wait(0, 0, never), /nothing listens there|closed the connection/)
    t.equal(await server.wait(0, 0, never), undefined)
    t.equal(inUse(), b.url)
  }
)

t.test('the word of a server beside an error counts, and what no CA of the pin signed does not', async (t) => {
  const { fronts, start, pins, naming, pin, lines } = await open(t, 2)
  const [a, b] = fronts as [AgentsFront, AgentsFront]
  const other = await serverHost(t)
  const next = `sha256:${'b'.repeat(64)}`
  const { server } = start({ server: a.url, servers: [b.url], pin })
  a.statement = await naming([a.url], next)
  await t.rejects(server.wait(0, 0, never), { next: 'elsewhere', message: `${a.url} is not the active server` })
  const before = { of: pin, pin, next: a.statement.nextPin }
  t.same(await pins(), before)
  const good = await naming([a.url])
  b.answer = () => ({ status: 409, body: new ProblemError('illegal-event').body })
  for (const [what, bad] of [
    ['another CA signed the statement', await statementBy(`${other.folder}/server`, { server: a.url })],
    ['another CA signed the next pin', { ...good, nextPin: await nextPinBy(`${other.folder}/server`, other.pin) }],
    ['the next pin is a statement', { ...good, nextPin: good.statement }],
    ['it is none', { statement: 'x.y.z' }],
    ['it is a next pin', { statement: before.next }],
    ['it has no text', {}]
  ] as [string, StatementAnswer][]) {
    b.statement = bad
    for (const _ of [1, 2]) await t.rejects(server.wait(0, 0, never), { code: 'illegal-event' })
    t.same(await pins(), before, what)
  }
  t.equal(b.requests.filter((line) => line === 'GET /v1/statement').length, 6, 'each is asked for once')
  t.equal(lines.filter(({ msg }) => msg?.startsWith('the statement of this server is ignored')).length, 1)
  b.statement = good
  await t.rejects(server.wait(0, 0, never), { code: 'illegal-event' })
  t.same(await pins(), { of: pin, pin })
})

t.test(
  'an answer without a statement drops what was kept if it is a success, and a refusal says nothing',
  async (t) => {
    const { fronts, start, kept, pins, naming, pin, time } = await open(t, 1)
    const [a] = fronts as [AgentsFront]
    const { server } = start()
    a.answer = () => none
    a.statement = await naming([x], `sha256:${'b'.repeat(64)}`)
    const both = { of: pin, pin, next: a.statement.nextPin }
    await server.wait(0, 0, never)
    time.passed += apart
    await server.wait(0, 0, never)
    t.same([await kept(), await pins()], [[x], both])
    a.statement = undefined
    a.answer = () => ({ status: 404, body: new ProblemError('not-found').body })
    await t.rejects(server.wait(0, 0, never), { code: 'not-found' })
    t.same([await kept(), await pins()], [[x], both])
    a.answer = () => none
    await server.wait(0, 0, never)
    t.same([await kept(), await pins()], [[], { of: pin, pin }])
  }
)

t.test('a statement that does not come now is asked for again with the next answer', async (t) => {
  const { fronts, start, pins, naming } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  const next = await naming([a.url], `sha256:${'b'.repeat(64)}`)
  a.answer = (line) => (line === 'GET /v1/statement' ? { status: 429, body: {} } : none)
  const { server } = start()
  a.digest = digestOf(next)
  await server.wait(0, 0, never)
  t.equal(await pins(), null)
  a.statement = next
  await server.wait(0, 0, never)
  t.match(await pins(), { next: next.nextPin })
})

t.test('a server that names others in each answer fills neither the file nor the disk', async (t) => {
  const { fronts, start, kept, naming, files, time } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  let writes = 0
  const write = files.write
  files.write = (...given) => {
    writes += 1
    return write(...given)
  }
  a.answer = () => none
  const { server, inUse } = start()
  for (let call = 0; call < 20; call += 1) {
    a.statement = await naming(Array.from({ length: 17 }, (_, at) => `https://192.0.2.1:${1 + 17 * call + at}`))
    await server.wait(0, 0, never)
    time.passed += apart
  }
  t.equal(writes, 0, 'what is named once is not kept')
  await server.wait(0, 0, never)
  t.equal(writes, 1)
  t.equal((await kept()).length, 16)
  t.equal(inUse(), a.url)
})

t.test(
  'the next key counts at a configured server that was never met, and not at one that was only learned',
  async (t) => {
    const { fronts, start, pins, naming, pin, time, lines } = await open(t, 1)
    const [a] = fronts as [AgentsFront]
    const { folder, pin: next } = await serverHost(t)
    const turned = await agentsFront(t, `${folder}/server`)
    turned.answer = () => none
    a.answer = () => none
    a.statement = await naming([a.url, turned.url], next)
    const config = { server: a.url, servers: [], pin }
    const { server } = start(config)
    await namedTwiceThenSilent(t, server, a, time)
    await t.rejects(server.wait(0, 0, never), {
      message: /seen .*; nothing was sent; it has the next pin, which counts only at a server of the configuration/
    })
    t.same(turned.requests, [])
    t.match(lines.at(-1), { level: 40, msg: /put this URL and the pin .* into \/etc\/joinery\/agent.yaml/ })
    const told = start({ ...config, servers: [turned.url] })
    await t.rejects(told.server.wait(0, 0, never), /nothing listens there|closed the connection/)
    t.equal(await told.server.wait(0, 0, never), undefined, 'a person put it into the configuration')
    t.same(await pins(), { of: pin, pin: next })
  }
)

t.test('the next key counts at a learned server that was met by the present one', async (t) => {
  const { fronts, start, pins, naming, pin, time } = await open(t, 2)
  const [a, b] = fronts as [AgentsFront, AgentsFront]
  const { folder, pin: next } = await serverHost(t)
  for (const front of [a, b]) {
    front.answer = () => none
    front.statement = await naming([a.url, b.url], next)
  }
  const config = { server: a.url, servers: [], pin }
  const { server, inUse } = start(config)
  await namedTwiceThenSilent(t, server, a, time)
  await server.wait(0, 0, never)
  t.equal(inUse(), b.url)
  await b.turn(`${folder}/server`)
  await t.rejects(server.wait(0, 0, never), /nothing listens there|closed the connection/)
  await t.rejects(server.wait(0, 0, never), { message: /no server is active/ })
  await t.rejects(server.wait(0, 0, never), /nothing listens there/)
  t.equal(await server.wait(0, 0, never), undefined)
  t.same(await pins(), { of: pin, pin: next })
})

t.test('first boot after the end of a rotation, with both pins in the configuration', async (t) => {
  const { fronts, start, pins, naming, pin } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  const before = await serverHost(t)
  a.answer = () => none
  a.statement = await naming([a.url])
  const config = { server: a.url, servers: [], pin: before.pin, nextPin: pin }
  t.equal(await start(config).server.wait(0, 0, never), undefined)
  t.same(await pins(), { of: before.pin, pin })
})

t.test('a disk that cannot be written keeps no agent from its server', async (t) => {
  const { fronts, start, files } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  files.write = () => Promise.reject(new Error('ENOSPC'))
  files.read = () => Promise.reject(new Error('EIO'))
  a.answer = () => none
  t.equal(await start().server.wait(0, 0, never), undefined)
})

t.test('a call that is stopped says nothing about its server', async (t) => {
  const { fronts, start } = await open(t, 2)
  const [a] = fronts as [AgentsFront, AgentsFront]
  const stop = new AbortController()
  a.answer = () => {
    stop.abort()
    return 'none'
  }
  const { server, inUse } = start()
  await t.rejects(server.wait(0, 50, stop.signal), /aborted/)
  t.equal(inUse(), a.url)
})
