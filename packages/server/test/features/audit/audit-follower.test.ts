import { generateKeyPairSync } from 'node:crypto'
import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '@joinery/testing/clocks/eventually'
import { readCheckpoint } from '@joinery/tlog'
import t, { type Test } from 'tap'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import type { LogFolder } from '../../../src/features/audit/log-folder.ts'
import { aLeaf, openAudit } from './audit-fixture.ts'

const sizeOf = (note: string): number => readCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1)).size

t.test('what is durable in the store comes into the folder, once and in its order', async (t) => {
  const world = await openAudit(t)
  const server = world.server()
  await world.add('enrol', 'approve')
  t.equal(await server.settle(), true)
  await world.add('claim')
  await server.settle()
  await server.settle()
  t.same(await world.events('2026'), ['log-opened', 'enrol', 'approve', 'claim'])
  t.match(await world.verify('2026'), { leaves: 4, findings: { length: 0 } })
  t.equal(await world.store.audit.countWaiting(), 0, 'and leaves the store')
  t.equal((await stat(join(world.folder, '2026'))).mode & 0o077, 0)
})

t.test('a log grows over full tiles, and the tiles that a wider one replaces do not pile up', async (t) => {
  const world = await openAudit(t)
  const server = world.server({ batch: 50 })
  for (let count = 0; count < 300; count += 20) {
    await world.add(...Array.from({ length: 20 }, () => 'enrol'))
    await server.settle()
  }
  t.match(await world.verify('2026'), { leaves: 301, findings: { length: 0 } })
  t.same(await world.disk.list('2026', 'tile/0/000.p'), [], 'gone with the full tile')
  t.ok((await world.disk.list('2026', 'tile/0/001.p')).length <= 5)
  t.ok((await world.disk.list('2026', 'tile/entries/001.p')).length <= 5)
})

interface Step {
  world: Awaited<ReturnType<typeof openAudit>>
  /** Parts of a server that is killed at its n-th write, before or after it. */
  killed: (n: number, when: 'before' | 'after') => { folder: Partial<LogFolder>; store: Partial<WritableStore> }
}

/** Counts the writes of a server, to disk and to store, and ends it at one of them. */
const killing = (world: Step['world']): Step['killed'] & { writes: () => number } => {
  let writes = 0
  const killed = (n: number, when: 'before' | 'after') => {
    writes = 0
    const at = async <T>(work: () => Promise<T>): Promise<T> => {
      writes += 1
      const isLast = writes >= n
      if (isLast && when === 'before') throw new Error('killed')
      const done = await work()
      if (isLast) throw new Error('killed')
      return done
    }
    return {
      folder: {
        write: (...given: Parameters<LogFolder['write']>) => at(() => world.disk.write(...given)),
        remove: (...given: Parameters<LogFolder['remove']>) => at(() => world.disk.remove(...given))
      },
      store: { commit: (change: Parameters<WritableStore['commit']>[0]) => at(() => world.store.commit(change)) }
    }
  }
  return Object.assign(killed, { writes: () => writes })
}

/** Lets servers be killed at every write, one after the other, and others go on. */
const killEverywhere = async (
  t: Test,
  when: 'before' | 'after',
  prepare: (world: Step['world']) => Promise<unknown>
): Promise<void> => {
  let ended = false
  for (let n = 1; !ended; n += 1) {
    const world = await openAudit(t)
    await prepare(world)
    const killed = killing(world)
    const alone = world.server(killed(n, when))
    ended = await alone.settle()
    const given = await world.checkpoint('2026')
    // leaves come while the server is away
    await world.add('late')
    t.equal(await world.server().settle(), true, `write ${n}`)
    const names = await world.disk.names()
    const events = (await Promise.all(names.map(world.events))).flat()
    const own = events.filter((event) => !event.startsWith('log-'))
    t.same(own, ['enrol', 'approve', 'claim', 'late'], `each leaf once, killed ${when} write ${n}`)
    for (const name of names) t.same((await world.verify(name)).findings, [], `${name}, write ${n}`)
    if (given !== '')
      t.same((await world.verify('2026', [given])).findings, [], `what was given out stands, write ${n}`)
    t.equal((await world.store.alerts(new Date(0), 1)).count, 0, `nothing is taken for tampering, write ${n}`)
    t.ok(n < 60, 'it comes to an end')
  }
}

for (const when of ['before', 'after'] as const) {
  t.test(`a server that is killed ${when} any of its writes is followed by one that loses and doubles nothing`, (t) =>
    killEverywhere(t, when, (world) => world.add('enrol', 'approve', 'claim'))
  )

  t.test(`the same ${when} any write while a year ends`, (t) =>
    killEverywhere(t, when, async (world) => {
      await world.add('enrol', 'approve')
      await world.server().settle()
      world.clock.advance(370 * 24 * 3600 * 1000)
      await world.add('claim')
    })
  )
}

// two processes never have one folder: see `takeState`
t.test('a loop and readers that bring leaves into the folder at once write each leaf once', async (t) => {
  const world = await openAudit(t)
  const server = world.server({ batch: 2 })
  for (const count of [1, 5, 9]) {
    await world.add(...Array.from({ length: count }, () => 'enrol'))
    await Promise.all([server.settle(), server.settle(), server.settle()])
  }
  const events = await world.events('2026')
  t.equal(events.filter((event) => event === 'enrol').length, 15)
  t.same((await world.verify('2026')).findings, [])
})

t.test('the log of a year ends with a leaf, and the next one names its last checkpoint', async (t) => {
  const world = await openAudit(t)
  const server = world.server()
  await world.add('enrol')
  await server.settle()
  world.clock.advance(365 * 24 * 3600 * 1000)
  await world.add('approve')
  await server.settle()
  t.same(await world.disk.names(), ['2026', '2027'])
  t.same(await world.events('2026'), ['log-opened', 'enrol', 'log-closed'])
  const [opened, second] = await world.leaves('2027')
  const { checkpoint } = await world.verify('2026')
  t.match(opened, {
    event: 'log-opened',
    fields: {
      log: checkpoint?.origin,
      size: 3,
      root: Buffer.from(checkpoint?.root ?? []).toString('base64')
    }
  })
  t.equal(second?.event, 'approve')
})

t.test('a year ends also if nothing happens, and a clock that is set back opens no old year', async (t) => {
  const world = await openAudit(t)
  const server = world.server()
  await server.settle()
  world.clock.advance(366 * 24 * 3600 * 1000)
  await server.settle()
  t.same(await world.disk.names(), ['2026', '2027'])
  world.clock.setAhead(-300 * 24 * 3600 * 1000)
  await world.add('enrol')
  await server.settle()
  t.same(await world.disk.names(), ['2026', '2027'])
  t.same(await world.events('2027'), ['log-opened', 'enrol'])
})

t.test('a folder with more than the store knows is left as it is, and another log begins that names it', async (t) => {
  const world = await openAudit(t)
  await world.add('enrol')
  await world.server().settle()
  const before = await world.store.audit.log()
  await world.add('approve', 'claim')
  await world.server().settle()
  const given = await world.checkpoint('2026')
  // an older copy of the store
  const log = await world.store.audit.log()
  await world.store.commit({ audit: { log: { ...before, revision: log?.revision ?? 0 } as never } })
  await world.add('reject')
  await world.server().settle()
  t.equal(await world.checkpoint('2026'), given, 'what was given out stays')
  t.same((await world.verify('2026', [given])).findings, [])
  t.match((await world.leaves('2026-2'))[0], {
    event: 'log-opened',
    fields: { size: sizeOf(given), detail: /older one/ }
  })
  t.same((await world.events('2026-2')).slice(1), ['reject'])
  t.match(await world.store.alerts(new Date(0), 1), {
    count: 1,
    last: [{ subject: 'store', entry: { event: 'audit-ahead' } }]
  })
})

t.test('a log that was cut, changed or taken away is told, and goes on as another one', async (t) => {
  const rows: [string, (folder: string) => Promise<unknown>][] = [
    ['no checkpoint', (folder) => rm(join(folder, '2026/checkpoint'))],
    ['no folder', (folder) => rm(join(folder, '2026'), { recursive: true })],
    ['garbage', (folder) => writeFile(join(folder, '2026/checkpoint'), 'garbage')],
    ['an older checkpoint', (folder) => cp(join(folder, 'older'), join(folder, '2026'), { recursive: true })],
    [
      'a checkpoint of somebody else',
      async (folder) => {
        const file = join(folder, '2026/checkpoint')
        const text = await readFile(file, 'utf8')
        await writeFile(file, text.replace(/\n— (\S+) .*\n/u, '\n— $1 AAAAAAAAAAAAAAAA\n'))
      }
    ]
  ]
  for (const [what, tamper] of rows) {
    const world = await openAudit(t)
    await world.add('enrol')
    await world.server().settle()
    await cp(join(world.folder, '2026'), join(world.folder, 'older'), { recursive: true })
    await world.add('approve')
    await world.server().settle()
    await tamper(world.folder)
    await world.add('reject')
    t.equal(await world.server().settle(), true, what)
    const name = (await world.disk.names()).at(-1) ?? ''
    t.equal(name, '2026-2', what)
    t.same(await world.events(name), ['log-opened', 'reject'], what)
    t.match(await world.store.alerts(new Date(0), 1), { last: [{ entry: { event: 'audit-lost' } }] }, what)
  }
})

t.test('a store that came out of a backup begins another log, whatever the folder has', async (t) => {
  const world = await openAudit(t)
  await world.add('enrol')
  await world.server().settle()
  const given = await world.checkpoint('2026')
  let isMarked = true
  const log = async () => {
    const now = await world.store.audit.log()
    return now && { ...now, ...(isMarked && { restored: true as const }) }
  }
  const commit: WritableStore['commit'] = async (change) => {
    // any write takes the mark away
    isMarked = false
    return world.store.commit(change)
  }
  await world.server({ store: { audit: { ...world.store.audit, log }, commit } }).settle()
  t.same(await world.disk.names(), ['2026', '2026-2'])
  t.equal(await world.checkpoint('2026'), given)
  t.match((await world.leaves('2026-2'))[0], { fields: { detail: /the store came out of a backup/, size: 2 } })
})

t.test(
  'a server that takes over begins a log in its own folder, which names the one of the other as the store knows it',
  async (t) => {
    const world = await openAudit(t)
    const elsewhere = await openAudit(t)
    const [one, two] = ['one:7443', 'two:7443']
    const first = world.server({ server: one })
    const second = world.server({ server: two, folder: elsewhere.disk })
    await world.add('enrol', 'approve')
    await first.settle()
    const given = await world.checkpoint('2026')
    await world.add('claim')
    t.equal(await second.settle(), true)
    t.same(await elsewhere.disk.names(), ['2026-2'])
    t.same(await elsewhere.events('2026-2'), ['log-opened', 'claim'], 'nothing waits')
    const { root } = readCheckpoint(given.slice(0, given.lastIndexOf('\n\n') + 1))
    t.match((await elsewhere.leaves('2026-2'))[0]?.fields, {
      log: /\/2026$/,
      size: 3,
      root: Buffer.from(root).toString('base64'),
      detail: 'the server at two:7443 goes on after the one at one:7443'
    })
    await world.add('join')
    await first.settle()
    t.same(await world.disk.names(), ['2026', '2026-3'], 'a name that was given anywhere is not given again')
    t.equal(await world.checkpoint('2026'), given, 'and what was given out stays')
    t.match((await world.leaves('2026-3'))[0]?.fields, { log: /\/2026-2$/, size: 2 })
    await world.add('ready')
    await second.settle()
    t.same(await elsewhere.disk.names(), ['2026-2', '2026-4'])
    t.match(
      (await elsewhere.leaves('2026-4'))[0]?.fields,
      { log: /\/2026-3$/, size: 2 },
      'not the older one in its folder'
    )
    t.equal((await world.store.alerts(new Date(0), 1)).count, 0, 'nothing was lost')
  }
)

t.test(
  'a server that takes over before the other has written anything of a log names the log before that',
  async (t) => {
    const world = await openAudit(t)
    const elsewhere = await openAudit(t)
    await world.add('enrol')
    await world.server({ server: 'one:7443' }).settle()
    const second = { server: 'two:7443', folder: elsewhere.disk }
    await world.add('approve')
    const write: LogFolder['write'] = async () => {
      throw new Error('killed')
    }
    await world.server({ ...second, folder: { ...elsewhere.disk, write } }).settle()
    t.match(await world.store.audit.log(), { name: '2026-2', tree: { size: 0 } })
    await world.server({ server: 'one:7443' }).settle()
    t.match((await world.leaves('2026-3'))[0]?.fields, { log: /\/2026$/, size: 2 })
    t.same((await world.events('2026-3')).slice(1), ['approve'])
  }
)

t.test('a store that becomes that of several servers goes on with the log that it has', async (t) => {
  const world = await openAudit(t)
  await world.add('enrol')
  await world.server().settle()
  await world.add('approve')
  await world.server({ server: 'one:7443' }).settle()
  t.same(await world.disk.names(), ['2026'])
  t.match(await world.store.audit.log(), { server: 'one:7443' })
})

t.test('another key begins another log, since nobody could verify both with one', async (t) => {
  const world = await openAudit(t)
  await world.add('enrol')
  await world.server().settle()
  const { privateKey } = generateKeyPairSync('ed25519')
  await world.server({ key: privateKey }).settle()
  t.same(await world.disk.names(), ['2026', '2026-2'])
  t.match(await world.store.alerts(new Date(0), 1), { last: [{ entry: { event: 'audit-key' } }] })
})

t.test('leaves wait in the store while the folder takes nothing, and the trouble is logged once', async (t) => {
  const world = await openAudit(t)
  let isFull = true
  const write: LogFolder['write'] = async (...given) => {
    if (isFull) throw new Error('ENOSPC: no space left on device')
    await world.disk.write(...given)
  }
  const server = world.server({ folder: { write } })
  await world.add('enrol')
  t.equal(await server.settle(), false)
  t.equal(await server.settle(), false)
  t.match(server.trouble, /ENOSPC/)
  t.equal(world.log.split('\n').filter((line) => line.includes('wait in the store')).length, 1)
  t.equal(await world.store.audit.countWaiting(), 1)
  isFull = false
  t.equal(await server.settle(), true)
  t.equal(server.trouble, undefined)
  t.same(await world.events('2026'), ['log-opened', 'enrol'])
})

t.test(
  'a server whose store is in the cluster gathers leaves for longer, and gives them to whoever asks',
  async (t) => {
    const world = await openAudit(t)
    const stop = new AbortController()
    t.teardown(() => stop.abort())
    const inCluster = world.server({ server: 'https://10.0.0.1:7443' })
    void inCluster.start(stop.signal)
    await world.add('enrol')
    // another one looks that often
    const other = await openAudit(t)
    void other.server().start(stop.signal)
    await other.add('enrol')
    await eventually('the other one has written', async () => (await other.disk.names()).length > 0)
    t.same(await world.disk.names(), [])
    await inCluster.settle()
    t.equal((await world.disk.names()).length, 1)
  }
)

t.test('leaves that come while others go into the folder wait for the next time', async (t) => {
  const world = await openAudit(t)
  const server = world.server({ batch: 2 })
  await server.settle()
  await world.add('enrol', 'approve', 'claim')
  let came = 0
  const write: LogFolder['write'] = async (...given) => {
    await world.disk.write(...given)
    // at each write another one, for as long as it would go on
    if (given[1] !== 'checkpoint' || came === 20) return
    came += 1
    await world.add(`late-${came}`)
  }
  const busy = world.server({ batch: 2, folder: { write } })
  t.equal(await busy.settle(), true)
  t.equal(came, 2, 'the three that were there take two steps')
  t.same((await world.events('2026')).slice(0, 4), ['log-opened', 'enrol', 'approve', 'claim'])
  t.equal(await server.settle(), true)
  t.same((await world.events('2026')).slice(-2), ['late-1', 'late-2'], 'nothing is lost')
})

t.test('the leaves of 2,000 joins take little room and little time', async (t) => {
  const world = await openAudit(t)
  const fields = { name: 'worker-1', key: `sha256:${'a'.repeat(64)}`, node: 'b'.repeat(36), serial: 'c'.repeat(40) }
  const leaf = aLeaf('register', world.clock.now(), fields)
  for (let join = 0; join < 2_000; join += 100) {
    await world.store.commit({ leaves: Array.from({ length: 1_000 }, () => leaf) })
  }
  const began = process.cpuUsage()
  t.equal(await world.server().settle(), true)
  const { user, system } = process.cpuUsage(began)
  t.comment(`${Math.round((user + system) / 1000)} ms of processor for 20,000 leaves`)
  t.ok((user + system) / 1000 < 15_000)
  t.match(await world.verify('2026'), { leaves: 20_001, findings: { length: 0 } })
  const { size } = await stat(join(world.folder, '2026/tile/entries/000'))
  t.ok(size < 256 * 512, `${size} bytes for 256 leaves`)
  t.ok(JSON.stringify(await world.store.audit.log()).length < 512 * 1024)
})
