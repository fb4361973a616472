import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { digestOf, type StatementAnswer, statementHeader } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { openNextPin, openStatement } from '@joinery/protocol/statement'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { fixFacts } from '@joinery/testing/cluster/fix-facts'
import { ownAddress } from '@joinery/testing/doors/own-address'
import { FakeLease, FakePresences } from '@joinery/testing/log/fake-lease-objects'
import { initServer } from '@joinery/testing/pairing/init-server'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { budgets } from '../../src/core/base/budgets.ts'
import { systemClock, systemMonotonic } from '../../src/core/base/clock.ts'
import { Log, makeLog } from '../../src/core/base/log.ts'
import { loadConfig, type ServerConfig } from '../../src/core/config/config.ts'
import { readStateKeys } from '../../src/core/keys/state-keys.ts'
import { type AuthorityWord, wordText } from '../../src/core/leadership/authority-word.ts'
import { systemClocks } from '../../src/core/leadership/clocks.ts'
import { presenceMac } from '../../src/core/leadership/presence-mac.ts'
import { presenceName } from '../../src/core/leadership/presences.ts'
import { rotateAuthority } from '../../src/core/leadership/rotation/rotate-authority.ts'
import { logKeys } from '../../src/core/ports/log/log-keys.ts'
import { tellLost } from '../../src/core/ports/log/lost-branch.ts'
import type { Term } from '../../src/core/ports/log/terms.ts'
import { createContainer } from '../../src/program/container.ts'
import { type ClusterParts, type OpenedStore, runOnCluster } from '../../src/program/run-on-cluster.ts'

const other = {
  holder: 'other',
  term: 4,
  renewed: '2026-11-27T12:00:00.000Z',
  acquired: '2026-11-27T11:00:00.000Z',
  seconds: 12,
  address: 'https://10.0.0.9:7443'
}

const facts = { cluster: 'uid-of-the-cluster', apiEndpoint: '10.0.0.1:6443' }

/** A host of one server of several. Another one has the Lease. */
const openHost = async (t: Test, over: (opened: OpenedStore) => Promise<OpenedStore> = async (opened) => opened) => {
  const sight: { newer: string | undefined } & Pick<ClusterParts['sight'], 'follow' | 'taking' | 'lost'> = {
    follow: async () => {},
    taking: async () => {},
    newer: undefined,
    lost: undefined
  }
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [state, configFile] = [join(folder, 'state'), join(folder, 'server.yaml')]
  const address = ownAddress()
  const pin = await initServer({ stateDirectory: state, configFile, addresses: [address] })
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, 'a'.repeat(64))
  const config: ServerConfig = {
    ...(await loadConfig(configFile)),
    agents: { listen: `${address}:7443`, address: `https://${address}:7443` },
    operators: { socket: join(folder, 'op.sock') },
    metrics: { listen: '127.0.0.1:0', tokenFile }
  }
  await fixFacts(config, facts)
  const [lease, presences, stop] = [new FakeLease(), new FakePresences(), new AbortController()]
  await lease.write(other, undefined)
  const { masterKeys } = await readStateKeys(state)
  /** The other server says this of its CA. */
  const otherSays = (word?: AuthorityWord): void => {
    const { address, holder } = other
    const said = { address, holder, ...given({ authority: word && wordText(word) }) }
    presences.put({ name: presenceName(address), ...said, mac: presenceMac(facts.cluster, said, masterKeys) })
  }
  otherSays()
  const [heard, ended, opened, logged]: [string[], string[], string[], string[]] = [[], [], [], []]
  let [deposed, ahead]: [(reason: string) => void, number] = [() => {}, 0]
  const log = makeLog({ write: (line) => void logged.push(line) })
  const parts: ClusterParts = {
    config,
    lease,
    presences,
    sight,
    keys: [logKeys(Buffer.alloc(32, 7))],
    openStore: async (leading) => {
      deposed = leading.deposed
      opened.push(`leads: ${leading.leadership.holds()}`)
      const facts = {
        number: 9,
        term: 5,
        batches: 1,
        headBytes: 2_000,
        waiting: 3,
        documents: 40,
        bytes: 90_000,
        written: 7
      }
      return over({
        store: sqliteStore(join(state, 'joinery.db')),
        facts: () => facts,
        doubt: () => void opened.push('doubts the head'),
        line: { log: 'log', terms: () => [], settled: async () => {} },
        close: async () => void opened.push(`closed, and ${lease.now?.spec.holder === '' ? 'released' : 'leads'}`)
      })
    },
    makeContainer: async (store, leadership) => {
      const cluster = await fakeCluster(systemClock)
      const container = await createContainer(config, cluster, undefined, () => store)
      opened.push(`made: ${leadership.holds()}`)
      container.register(Log, { useValue: log })
      return container
    },
    clocks: () => {
      const { monotonic, ...others } = systemClocks()
      return { ...others, monotonic: monotonic + ahead }
    },
    clock: systemClock,
    monotonic: systemMonotonic,
    // it looks, and renews, more often than it must
    sleep: shortSleep(20),
    budgets,
    log,
    endDeposed: (reason) => void ended.push(reason),
    heard: (phase) => void heard.push(phase)
  }
  const ca = await readFile(join(state, 'ca.crt'), 'utf8')
  return {
    pin,
    config,
    lease,
    presences,
    otherSays,
    sight,
    heard,
    ended,
    opened,
    log: () => logged.join(''),
    /** Has the CA that comes next made on this host. */
    rotate: () => rotateAuthority({ state, now: new Date(), print: () => {} }),
    stop,
    /** Says, as the log does, that the server must not go on. */
    depose: (reason: string) => deposed(reason),
    /** Lets time go by at once, with no turn for anything else. */
    skip: (milliseconds: number) => {
      ahead += milliseconds
    },
    run: () => runOnCluster(parts, stop.signal),
    /** An answer to an agent, by a connection of its own, or one of `agent`, whose certificate is checked. */
    agents: async (path: string, method = 'GET', body = '', agent: Agent | false = false) => {
      const asked = request({ host: address, port: 7443, path, method, ca, servername: 'joinery-server', agent })
      asked.end(body)
      const [answer] = await once(asked, 'response')
      return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
    },
    operators: async (path: string) => {
      const asked = httpRequest({ socketPath: config.operators.socket, path, agent: false })
      asked.end()
      const [answer] = await once(asked, 'response')
      return { status: answer.statusCode, body: await text(answer) }
    }
  }
}

t.test('a server hears what others have of the log before it listens, and then only once', async (t) => {
  const settled = Promise.withResolvers<void>()
  const begun: Term = {
    term: 5,
    number: 9,
    before: { number: 4, hash: 'h', term: 4 },
    at: new Date().toISOString()
  }
  const history = [begun]
  const asked: string[] = []
  const host = await openHost(t, async (opened) => ({
    ...opened,
    line: {
      log: 'log',
      terms: () => history,
      settled: async (fork) => {
        asked.push(fork.restored ?? '')
        await settled.promise
        history[0] = { ...begun, ...fork }
      }
    }
  }))
  const { lease, presences, heard, opened, stop } = host
  // it says so since before anybody went on with the log
  const lost = tellLost(other.address, { log: 'log', number: 7, from: 5 }, logKeys(Buffer.alloc(32, 7)))
  presences.put({ name: presenceName(other.address), address: other.address, holder: other.holder, lost })
  const { list } = presences
  let fails = true
  presences.list = async () => {
    // it asks when everything is there but the listeners
    if (!opened.some((one) => one.startsWith('made')) || !fails) return list.call(presences)
    fails = false
    throw new Error('the API server is slow')
  }
  const running = host.run()
  await eventually('it stands by', () => heard.includes('standby'))
  lease.edit({ holder: '', seconds: 1 })
  await eventually('it asks', () => asked.length > 0 || heard.includes('active'))
  t.match(asked, [/10\.0\.0\.9:7443 has batch 7 of the log/])
  t.same(heard, ['standby'])
  settled.resolve()
  await eventually('it is active', () => heard.includes('active'))
  stop.abort()
  await (await running)?.close()
  t.equal(asked.length, 1)
})

t.test('a server that stands by says when another one can be active, if the active one seems to be gone', async (t) => {
  const host = await openHost(t)
  const { lease, heard, agents } = host
  const running = host.run()
  await eventually('it stands by', () => heard.includes('standby'))
  const asked = async (): Promise<number> => Number((await agents('/v1/enrolment')).headers['retry-after'])
  lease.edit({ renewed: new Date().toISOString() })
  await eventually('it has seen the renewal', async () => (await asked()) === 2)
  host.skip(5_000)
  await eventually('it looks again, and knows how long the Lease lasts', async () => {
    const seconds = await asked()
    return seconds > 2 && seconds <= 9
  })
  host.stop.abort()
  await running
})

t.test('a server that stands by keeps a connection for one call more', async (t) => {
  const host = await openHost(t)
  const { heard, agents } = host
  const running = host.run()
  await eventually('it stands by', () => heard.includes('standby'))
  for (const second of ['/v1/statement', '/v1/enrolment']) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.match((await agents('/v1/enrolment', 'GET', '', agent)).headers, { connection: 'keep-alive' })
    t.match((await agents(second, 'GET', '', agent)).headers, { connection: 'close' })
    agent.destroy()
  }
  host.stop.abort()
  await running
})

t.test('a server stands by, becomes active where it stood by, and ends when it is deposed', async (t) => {
  const host = await openHost(t)
  const { lease, heard, ended, opened, agents, operators } = host
  const running = host.run()
  await eventually('it stands by', () => heard.includes('standby'))

  // it has read the Lease by now, or does soon
  const standby = await agents('/v1/enrolments', 'POST', '{"code": "jny_1"}')
  t.equal(standby.status, 503)
  t.match(standby.headers, {
    'content-type': /^application\/problem\+json/,
    'retry-after': /^\d+$/,
    connection: 'close'
  })
  t.match(JSON.parse(standby.body), { code: 'not-active', detail: /10\.0\.0\.9/ })
  t.equal(standby.headers['joinery-servers'], `https://10.0.0.9:7443 ${host.config.agents.address}`)
  for (const path of ['/v1/enrolment?wait=55', '/v1/packages/x', '/', '/%'])
    t.equal((await agents(path)).status, path === '/%' ? 400 : 503, path)

  const signed = await agents('/v1/statement')
  t.match(signed, { status: 200, headers: { connection: 'close' } })
  const answer: StatementAnswer = JSON.parse(signed.body)
  t.equal(signed.headers[statementHeader], digestOf(answer))
  t.equal(standby.headers[statementHeader], digestOf(answer), 'also a refusal says which one it is')
  const { statement } = await openStatement(answer.statement, [host.pin], new Date())
  t.match(statement, { ...facts, server: host.config.agents.address })
  t.equal((await agents('/v1/statement', 'POST', '{}')).status, 503)

  const status = JSON.parse((await operators('/v1/status')).body)
  t.match(status.leadership, { isActive: false, active: other.address, term: 4, since: other.acquired })
  t.match(status.servers, [
    { url: other.address, state: 'active' },
    { url: host.config.agents.address, state: 'standby' }
  ])
  t.same(status.remedies, [])
  t.notOk('log' in status)
  t.match(await operators('/v1/enrolments'), { status: 503, body: /not-active.*10\.0\.0\.9/ })
  t.match(await operators('/livez'), { status: 200, body: 'ok\n' })
  t.match(await operators('/readyz'), { status: 200, body: '[+]standby ok\n' })
  const metrics = (await operators('/metrics')).body
  t.match(metrics, /^joinery_server_active 0$/m)
  t.match(metrics, /^joinery_servers\{state="standby"\} 1$/m)
  t.notMatch(metrics, /^joinery_enrolments\{/m)
  t.same(opened, [], 'nothing of the store was opened')

  lease.edit({ holder: '', seconds: 1 })
  const server = await running
  t.same(heard, ['standby', 'active'])
  t.same(opened, ['leads: true', 'made: true'])
  t.match(lease.now?.spec, { term: 5, address: host.config.agents.address })
  const active = await agents('/v1/enrolment')
  t.match([active.status, JSON.parse(active.body).code], [401, 'certificate-required'], 'on the same port')
  t.equal(active.headers['joinery-servers'], `${host.config.agents.address} https://10.0.0.9:7443`)
  const said = await agents('/v1/statement')
  t.match(said, { status: 200, headers: { [statementHeader]: active.headers[statementHeader] } })
  const now = JSON.parse((await operators('/v1/status')).body)
  t.match(now, { leadership: { isActive: true, term: 5 }, log: { number: 9, batches: 1, documents: 40 } })
  t.match((await operators('/metrics')).body, /^joinery_server_active 1$/m)
  t.match((await operators('/metrics')).body, /^joinery_log_documents\{state="waiting"\} 3$/m)

  lease.edit({ holder: 'other' })
  await eventually('it ends', () => ended.length > 0)
  t.same(ended, ['other has the Lease'])
  t.match(
    await agents('/v1/enrolment'),
    { status: 503, body: /not-active/ },
    'until the process is gone it gives nothing'
  )
  t.equal((await agents('/v1/statement')).status, 200, 'but the statement, which says who it is')
  t.match(await operators('/v1/enrolments'), { status: 503, body: /not-active/ })
  await server?.close()
  t.equal(lease.now?.spec.holder, 'other', 'what it lost it does not release')
})

t.test('a server whose log sees first that its time is over says why it could not renew the Lease', async (t) => {
  const host = await openHost(t)
  host.lease.edit({ holder: '', seconds: 1 })
  const server = await host.run()
  host.depose('another server moved the head of the log')
  t.same(host.ended, ['another server moved the head of the log'], 'while the Lease holds, the log knows why')
  host.skip(8_000)
  host.depose('the lease of this server is over')
  const words = /^the Lease could not be renewed for (\d+) s: this process ran (\d+\.\d) s late /
  const [, unrenewed, late] = words.exec(host.ended[1] ?? '') ?? []
  t.ok(Number(unrenewed) >= 8 && Number(late) >= 6, `${host.ended[1]}`)
  await server?.close()
})

t.test('a server whose Lease somebody else wrote has the log looked at, and goes on', async (t) => {
  const host = await openHost(t)
  host.lease.edit({ holder: '', seconds: 1 })
  const server = await host.run()
  host.lease.edit({ renewed: other.renewed })
  await eventually('it renews the Lease', () => host.lease.now?.spec.renewed !== other.renewed)
  t.equal(host.opened.at(-1), 'doubts the head')
  t.same(host.ended, [])
  await server?.close()
})

t.test('a server that ends in good order releases the Lease last', async (t) => {
  const host = await openHost(t)
  host.lease.edit({ holder: '', seconds: 1 })
  const server = await host.run()
  t.match(host.lease.now?.spec.holder, /_/)
  await server?.close()
  t.match(host.lease.now?.spec, { holder: '', seconds: 1, term: 5 })
  t.equal(host.opened.at(-1), 'closed, and leads')
  t.same(host.ended, [])
})

t.test('a server that is stopped while it stands by writes nothing to the Lease', async (t) => {
  const host = await openHost(t)
  const running = host.run()
  await eventually('it stands by', () => host.heard.length > 0)
  host.stop.abort()
  t.equal(await running, undefined)
  t.match(host.lease.now?.spec, other)
  t.notOk(existsSync(host.config.operators.socket))
})

t.test(
  'a server that cannot read the log, because a newer one wrote it, says so and leaves it to others',
  async (t) => {
    const host = await openHost(t, async ({ store }) => {
      store.close()
      throw Object.assign(new Error('a newer server wrote the head of the log (format 2)'), { code: 'log-newer' })
    })
    host.lease.edit({ holder: '', seconds: 1 })
    const running = host.run()
    await eventually(
      'it gives the Lease back',
      () => host.lease.now?.spec.term === 5 && host.lease.now.spec.holder === ''
    )
    t.match(await host.operators('/readyz'), {
      status: 503,
      body: '[-]standby failed: a newer server wrote the head of the log (format 2)\n'
    })
    const { leadership, remedies } = JSON.parse((await host.operators('/v1/status')).body)
    t.match(leadership, { isActive: false, trouble: /newer server/ })
    t.match(remedies, [/could not take over \(a newer server wrote/])
    t.equal((await host.agents('/v1/enrolment')).status, 503)
    const said = async () => {
      const own = (await host.presences.list()).find(({ address }) => address === host.config.agents.address)
      return Number(own?.version ?? 0)
    }
    const before = await said()
    await eventually('it says several times that it is there', async () => (await said()) >= before + 5)
    t.equal(host.lease.now?.spec.term, 5, 'it takes the Lease no second time')
    host.stop.abort()
    t.equal(await running, undefined)
  }
)

t.test(
  'a server that sees the head of a newer one while it stands by says so, and can take over after it',
  async (t) => {
    const host = await openHost(t)
    const running = host.run()
    await eventually('it stands by', () => host.heard.length > 0)
    host.sight.newer = 'a newer server wrote the head of the log (format 2)'
    const told = { status: 503, body: '[-]standby failed: a newer server wrote the head of the log (format 2)\n' }
    t.match(await host.operators('/readyz'), told)
    t.match(JSON.parse((await host.operators('/v1/status')).body).leadership, { isActive: false, trouble: /newer/ })
    host.lease.edit({ holder: '', seconds: 1 })
    const server = await running
    const { leadership } = JSON.parse((await host.operators('/v1/status')).body)
    t.match(leadership, { isActive: true })
    t.notOk('trouble' in leadership, 'it has read the head since')
    await server?.close()
  }
)

t.test('a server that must not go on with the log ends, and another one can take the Lease at once', async (t) => {
  const host = await openHost(t, async ({ store }) => {
    store.close()
    throw Object.assign(new Error('the head is of another log'), { code: 'log-other' })
  })
  host.lease.edit({ holder: '', seconds: 1 })
  await t.rejects(host.run(), { message: 'the head is of another log' })
  t.match(host.lease.now?.spec, { holder: '', seconds: 1 })
  t.notOk(existsSync(host.config.operators.socket), 'nothing keeps the process alive')
})

/** A CA that came after each that a host has. */
const later: AuthorityWord = { pin: `sha256:${'1'.repeat(64)}`, from: Date.parse('2100-01-01') }

t.test('a host that missed a rotation stands by and says so, and tells machines nothing of the next pin', async (t) => {
  const host = await openHost(t)
  host.otherSays(later)
  host.lease.edit({ holder: '', seconds: 1 })
  const running = host.run()
  await eventually('it stands by', () => host.heard.includes('standby'))
  t.match(await host.operators('/readyz'), {
    status: 503,
    body: /failed: the CA was rotated without this host: on the host of https:\/\/10\.0\.0\.9:7443 .*init --keys/
  })
  const { leadership, servers } = JSON.parse((await host.operators('/v1/status')).body)
  t.match(leadership, { isActive: false, trouble: /the CA was rotated without this host/ })
  t.match(servers, [
    { url: other.address, pin: later.pin },
    { url: host.config.agents.address, pin: host.pin }
  ])
  const refused = await host.agents('/v1/enrolment')
  t.equal(refused.status, 503)
  t.notOk(statementHeader in refused.headers, 'a machine would drop the pin that counts')
  t.not((await host.agents('/v1/statement')).status, 200)
  t.same([host.lease.now?.spec.holder, host.heard], ['', ['standby']], 'a free Lease is not taken')

  // as if its host were the one of before: the next look is all that it takes
  host.otherSays({ ...later, pin: host.pin })
  await (await running)?.close()
  t.same(host.heard, ['standby', 'active'])
})

t.test('the active server hands over in good order when another one has put the next CA in place', async (t) => {
  const host = await openHost(t)
  await host.rotate()
  host.lease.edit({ holder: '', seconds: 1 })
  const server = await host.run()
  const { agents } = JSON.parse((await host.operators('/v1/status')).body)
  t.match(agents.nextPin, /^sha256:/)
  host.otherSays({ ...later, pin: agents.nextPin })
  await eventually('it ends', () => host.ended.length > 0)
  t.match(host.ended, [/^https:\/\/10\.0\.0\.9:7443 serves by the next CA.*joinery-server rotate-ca --finish/])
  t.match(host.lease.now?.spec, { holder: '', seconds: 1 }, 'the other one takes the Lease at once')
  t.equal(host.opened.at(-1), 'closed, and leads', 'after the last answer')
  await server?.close()
  t.equal(host.ended.length, 1)
})

t.test('a server that stands by with the next CA shows both pins, and says the next one to machines', async (t) => {
  const host = await openHost(t)
  await host.rotate()
  const running = host.run()
  await eventually('it stands by', () => host.heard.includes('standby'))
  const { agents } = JSON.parse((await host.operators('/v1/status')).body)
  t.match(agents, { pin: host.pin, nextPin: /^sha256:/ })
  const { nextPin } = JSON.parse((await host.agents('/v1/statement')).body)
  t.equal(await openNextPin(nextPin, host.pin), agents.nextPin)
  host.stop.abort()
  await running
})

t.test('a token of the account gets no address signed, whatever Leases it writes', async (t) => {
  const host = await openHost(t)
  const evil = 'https://evil.example:7443'
  // the true MAC of a server under another address, and the Lease of all
  const [taken] = await host.presences.list()
  host.presences.put({ ...taken, name: presenceName(evil), holder: other.holder, address: evil })
  host.presences.put({ name: presenceName(`${evil}1`), holder: 'evil', address: `${evil}1` })
  host.lease.edit({ address: evil })
  const running = host.run()
  await eventually('it stands by', () => host.heard.includes('standby'))
  const own = host.config.agents.address
  const named = async () => {
    const { headers, body } = await host.agents('/v1/statement')
    const { statement } = await openStatement(JSON.parse(body).statement, [host.pin])
    return [
      [statement.server, ...(statement.servers ?? [])].sort(),
      String(headers['joinery-servers']).split(' ').sort()
    ]
  }
  const honest = [own, other.address].sort()
  t.same(await named(), [honest, honest])
  const { leadership, servers } = JSON.parse((await host.operators('/v1/status')).body)
  t.notMatch(JSON.stringify([leadership, servers]), /evil/, 'nor said to operators')
  t.notMatch((await host.agents('/v1/enrolment')).body, /evil/)

  host.lease.edit({ holder: '', seconds: 1 })
  const server = await running
  t.same(await named(), [honest, honest], 'nor when it is active')
  await server?.close()
})
