import { existsSync, readFileSync } from 'node:fs'
import { filesUnder } from '@joinery/host/files'
import { ProblemError, serversHeader } from '@joinery/protocol'
import { eventually } from '@joinery/testing/cluster/cluster-fixture'
import { type AgentsFront, agentsFront, type FrontAnswer, standsBy } from '@joinery/testing/front/agents-front'
import { serverHost } from '@joinery/testing/pairing/server-host'
import { factsOf } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'
import { loadIdentity } from '../../../src/keys/identity.ts'
import type { NoResult } from '../../../src/pairing/pairing-server.ts'
import { openServers } from '../../../src/pairing/servers/open-servers.ts'
import { systemClock } from '../../../src/program/clock.ts'
import { makeLog } from '../../../src/program/log.ts'

const stateDirectory = '/var/lib/joinery-agent'
const [x, y] = ['https://192.0.2.7:7443', 'https://192.0.2.8:7443']

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
  const start = (config = { server, servers, pin }) =>
    openServers({ config, files, stateDirectory, identity: async () => identity, clock: systemClock, log })
  const kept = async (): Promise<string[]> =>
    JSON.parse((await files.read(`${stateDirectory}/servers.json`)) ?? '{"servers":[]}').servers
  return { fronts, files, pin, start, kept, lines }
}

const none: FrontAnswer = { status: 204 }
const naming = (...servers: string[]): FrontAnswer => ({ status: 204, headers: { [serversHeader]: servers.join(' ') } })
const never = new AbortController().signal

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

t.test('an agent keeps what a server names, through a restart, and asks it after its own', async (t) => {
  const { fronts, start, kept, files, pin } = await open(t, 2)
  const [a, b] = fronts as [AgentsFront, AgentsFront]
  a.answer = () => naming(a.url, b.url, x)
  const config = { server: a.url, servers: [], pin }
  await start(config).server.wait(0, 0, never)
  t.same(await kept(), [b.url, x])
  t.equal((await files.stat(`${stateDirectory}/servers.json`))?.mode, 0o600)
  await a.close()
  b.answer = () => none
  const { server, inUse } = start(config)
  await t.rejects(server.wait(0, 0, never), { next: 'elsewhere', message: /nothing listens there/ })
  t.equal(await server.wait(0, 0, never), undefined)
  t.equal(inUse(), b.url)
})

t.test('what a server names beside an error counts, and what is no name of a server does not', async (t) => {
  const { fronts, start, kept } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  a.answer = () => standsBy([a.url, x])
  const told = { next: 'elsewhere', message: `${a.url} is not the active server` }
  await t.rejects(start().server.wait(0, 0, never), told)
  t.same(await kept(), [x])
  for (const header of ['', 'x'.repeat(3000), `${y}/path`, `http://192.0.2.8:7443,${y}`]) {
    a.answer = () => ({ status: 204, headers: { [serversHeader]: header } })
    await start().server.wait(0, 0, never)
    t.same(await kept(), [x], header.slice(0, 20))
  }
})

t.test('a server that names others in each answer fills neither the file nor the disk', async (t) => {
  const { fronts, start, kept, files } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  let writes = 0
  const write = files.write
  files.write = (...given) => {
    writes += 1
    return write(...given)
  }
  a.answer = () =>
    naming(...Array.from({ length: 16 }, (_, at) => `https://192.0.2.1:${1 + 16 * a.requests.length + at}`))
  const { server, inUse } = start()
  for (let call = 0; call < 80; call += 1) await server.wait(0, 0, never)
  t.equal(writes, 64)
  t.equal((await kept()).length, 16)
  t.equal(inUse(), a.url)
})

t.test('a disk that cannot be written keeps no agent from its server', async (t) => {
  const { fronts, start, files } = await open(t, 1)
  const [a] = fronts as [AgentsFront]
  files.write = () => Promise.reject(new Error('ENOSPC'))
  files.read = () => Promise.reject(new Error('EIO'))
  a.answer = () => naming(x)
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
  await t.rejects(server.wait(0, 50, stop.signal))
  t.equal(inUse(), a.url)
})
