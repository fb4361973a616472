import { serversAtMost, serversHeaderAtMost, serversHeaderOf } from '@joinery/protocol'
import { FakePresences } from '@joinery/testing/log/fake-lease-objects'
import t from 'tap'
import type { MacKeys } from '../../../src/core/keys/mac.ts'
import { type AuthorityWord, wordText } from '../../../src/core/leadership/authority-word.ts'
import { decideServers, presenceTimes, type ServersSituation } from '../../../src/core/leadership/decide-servers.ts'
import { isProven, presenceMac } from '../../../src/core/leadership/presence-mac.ts'
import { presenceName, type SeenPresence } from '../../../src/core/leadership/presences.ts'
import { AnnouncedServers, onlyServer } from '../../../src/core/leadership/servers.ts'

const keysOf = (byte: number): MacKeys => ({ all: [{ file: 'master.key', key: Buffer.alloc(32, byte) }] })
const url = (name: string): string => `https://${name}:7443`
const seen = (name: string, change: Partial<SeenPresence> = {}): SeenPresence => ({
  name: presenceName(url(name)),
  version: '1',
  address: url(name),
  holder: name,
  ...change
})

const pin = (digit: string): string => `sha256:${digit.repeat(64)}`
/** Words on a CA: before a rotation, during it and after it. */
const old: AuthorityWord = { pin: pin('a'), from: 1_000 }
const both: AuthorityWord = { ...old, next: pin('b') }
const rotated: AuthorityWord = { pin: pin('b'), from: 2_000 }

const known = (change: Partial<ServersSituation> = {}) =>
  decideServers({
    sights: [],
    now: 4_000_000,
    wall: new Date('2026-11-27T12:00:00Z'),
    own: url('b'),
    authority: old,
    active: url('b'),
    ...change
  })
const states = (change: Partial<ServersSituation>): string[] =>
  known(change).servers.map((server) => `${server.url.slice(8, -5)} ${server.state}`)
const ago = (name: string, milliseconds: number, change: Partial<SeenPresence> = {}) => ({
  seen: seen(name, change),
  since: 4_000_000 - milliseconds,
  isProven: true
})

t.test('the servers that one server knows', async (t) => {
  t.same(states({}), ['b active'], 'itself, before it has seen any Lease')
  t.same(states({ active: undefined }), ['b standby'])
  t.same(states({ active: url('a') }), ['b standby'], 'the Lease alone names no active one')
  t.same(states({ active: url('a'), sights: [ago('a', 0)] }), ['a active', 'b standby'])
  const { awayAfter, forgottenAfter } = presenceTimes
  t.same(
    states({ sights: [ago('c', awayAfter - 1), ago('a', awayAfter), ago('d', forgottenAfter - 1), ago('b', 0)] }),
    ['b active', 'a away', 'c standby', 'd away'],
    'the active one first, then by URL'
  )
  t.same(states({ sights: [ago('a', forgottenAfter)] }), ['b active'])
  t.equal(known({ sights: [ago('a', 60_000)] }).servers[1]?.seen, '2026-11-27T11:59:00.000Z')
})

t.test('a Lease that was made by hand names no server that machines could not use', async (t) => {
  const bent = [
    'http://x:7443',
    'https://x:7443/path',
    'https://u:p@x:7443',
    'https://x:0',
    'https://x y',
    '',
    'x'.repeat(600)
  ]
  const sights = bent.map((address) => ({
    seen: { name: presenceName(address), version: '1', address, holder: 'x' },
    since: 0,
    isProven: true
  }))
  t.same(states({ now: 1, sights }), ['b active'])
  t.same(
    states({ sights: [ago('a', 0, { name: presenceName(url('c')) })] }),
    ['b active'],
    'nor one under the name of another'
  )
  const bentName = { name: 'joinery-server-x' }
  t.match(known({ sights: [ago('a', 4_000_000, bentName)] }).forgotten, [bentName], 'and it goes as others do')
})

t.test(
  'of too many servers, those that are there stay in the list, and this one and the active one always',
  async (t) => {
    const away = Array.from({ length: 20 }, (_, index) => ago(`a${index}`, 100_000))
    const there = Array.from({ length: 10 }, (_, index) => ago(`z${index}`, 0))
    const found = known({ sights: [...away, ...there, ago('zz', 0)], active: url('zz') }).servers
    t.equal(found.length, serversAtMost)
    t.match(found[0], { url: url('zz'), state: 'active' })
    t.ok(found.some((server) => server.url === url('b')))
    t.equal(found.filter(({ state }) => state === 'standby').length, 11)
  }
)

t.test(
  'a Lease that no server with the keys wrote is in no list, whatever the Lease of the active one says',
  async (t) => {
    const byThief = { ...ago('evil', 0), isProven: false }
    t.same(states({ sights: [byThief, ago('c', 0)] }), ['b active', 'c standby'])
    t.same(states({ sights: [byThief], active: url('evil') }), ['b standby'])
    const old = { ...ago('before', presenceTimes.forgottenAfter), isProven: false }
    t.same(known({ sights: [old] }).forgotten, [seen('before')], 'one of a server from before MACs goes, too')
  }
)

t.test(
  'the MAC of a Lease is by a key of the installation, for this cluster, this address and this process',
  async (t) => {
    const [keys, others] = [keysOf(1), keysOf(2)]
    const said = { address: url('a'), holder: 'one' }
    const mac = presenceMac('uid', said, keys)
    const holds = (change: Partial<SeenPresence> = {}, cluster = 'uid', by: MacKeys = keys) =>
      isProven(cluster, { name: '', version: '1', ...said, mac, ...change }, by)
    t.ok(holds())
    t.ok(holds({}, 'uid', { all: [...keys.all, ...others.all] }), 'while keys are rotated')
    const { mac: _, ...bare } = { name: '', version: '1', ...said, mac }
    t.notOk(isProven('uid', bare, keys), 'of a server from before MACs')
    for (const [what, held] of [
      ['another address', holds({ address: url('evil') })],
      ['another process', holds({ holder: 'two' })],
      ['another cluster', holds({}, 'other')],
      ['another key', holds({}, 'uid', others)],
      ['no MAC', holds({ mac: '' })],
      ['half of one', holds({ mac: mac.slice(1) })],
      ['a word that it did not say', holds({ authority: wordText(both) })],
      ['characters of two bytes', holds({ mac: 'é'.repeat(43) })]
    ] as const)
      t.notOk(held, what)
    const spoken = { ...said, authority: wordText(old) }
    const bound = presenceMac('uid', spoken, keys)
    const says = (change: { authority?: string }) =>
      isProven('uid', { name: '', version: '1', ...said, mac: bound, ...change }, keys)
    t.ok(says({ authority: wordText(old) }))
    t.notOk(says({ authority: wordText(both) }), 'nobody else says that a host has the next CA')
    t.notOk(says({}), 'nor takes away what it said')
  }
)

t.test('a Lease is forgotten after an hour without a change, and its own never', async (t) => {
  const { forgottenAfter } = presenceTimes
  const sights = [ago('a', forgottenAfter), ago('c', forgottenAfter - 1), ago('b', forgottenAfter)]
  t.same(known({ sights }).forgotten, [seen('a')])
})

t.test('the header has several servers, within its bounds', async (t) => {
  t.equal(serversHeaderOf([url('a')]), undefined)
  t.equal(serversHeaderOf([url('a'), url('b')]), 'https://a:7443 https://b:7443')
  const long = Array.from({ length: 20 }, (_, index) => `https://${'x'.repeat(150)}${index}:7443`)
  const value = serversHeaderOf(long) ?? ''
  t.ok(value.length <= serversHeaderAtMost)
  t.equal(value.split(' ').length, 12)
  t.equal(serversHeaderOf(Array.from({ length: 20 }, (_, index) => url(`a${index}`)))?.split(' ').length, serversAtMost)
})

t.test('servers announce themselves and find each other; the active one deletes what is forgotten', async (t) => {
  const presences = new FakePresences()
  let now = 0
  const warned: object[] = []
  const server = (name: string, holds: boolean) =>
    new AnnouncedServers({
      presences,
      own: { holder: name, address: url(name) },
      authority: old,
      active: () => url('a'),
      lost: () => undefined,
      heardLost: async () => {},
      heardReplaced: () => {},
      masterKeys: keysOf(1),
      cluster: async () => 'uid',
      holds: () => holds,
      clock: { now: () => new Date(now) },
      monotonic: () => now,
      sleep: async () => {},
      log: { warn: (one: object) => void warned.push(one) } as never
    })
  const [a, b] = [server('a', true), server('b', false)]
  t.equal(a.others(), undefined, 'it has not looked yet, and says nothing of others')
  await a.round()
  t.same(a.others(), [])
  await b.round()
  await a.round()
  t.same(a.urls(), [url('a'), url('b')])
  t.same(a.urls(), b.urls())
  t.same([a.others(), b.others()], [[url('b')], [url('a')]])
  now += presenceTimes.awayAfter
  await a.round()
  t.match(a.list(), [{ state: 'active' }, { state: 'away' }])
  now += presenceTimes.forgottenAfter
  await b.round()
  t.equal((await presences.list()).length, 2, 'one that stands by deletes nothing')
  now += presenceTimes.forgottenAfter
  presences.put({ name: presenceName(url('gone')), address: url('gone'), holder: 'gone' })
  await a.round()
  now += presenceTimes.forgottenAfter
  await a.round()
  t.same(
    (await presences.list()).map(({ address }) => address),
    [url('a')]
  )

  presences.list = async () => {
    throw new Error('it is forbidden')
  }
  await a.round()
  await a.round()
  t.same(warned, [{ reason: 'it is forbidden' }], 'trouble is told of once')
  t.ok(a.urls().includes(url('a')), 'and takes nothing away')
})

t.test(
  'A2: Leases that somebody made by a stolen token hide no server and no fork, and go after an hour',
  async (t) => {
    const presences = new FakePresences()
    for (let index = 0; index < 200; index += 1) {
      const address = `https://evil${index}:7443`
      presences.put({ name: presenceName(address), address, holder: 'evil', mac: 'x'.repeat(43) })
    }
    const said = { address: url('z'), holder: 'z' }
    const mac = presenceMac('uid', said, keysOf(1))
    presences.put({ name: presenceName(url('z')), ...said, mac, lost: 'its fork' })
    let now = 0
    const heard: string[] = []
    const server = new AnnouncedServers({
      presences,
      own: { holder: 'a', address: url('a') },
      authority: old,
      active: () => url('a'),
      lost: () => undefined,
      heardLost: async (address, text) => void heard.push(`${address} ${text}`),
      heardReplaced: () => {},
      masterKeys: keysOf(1),
      cluster: async () => 'uid',
      holds: () => true,
      clock: { now: () => new Date(now) },
      monotonic: () => now,
      sleep: async () => {},
      log: { warn: () => {} }
    })
    await server.round()
    t.same(heard, [`${url('z')} its fork`])
    t.same(server.urls(), [url('a'), url('z')])
    now += presenceTimes.forgottenAfter
    await server.round()
    t.same(
      (await presences.list()).map(({ address }) => address),
      [url('a')]
    )
  }
)

/** A server with this word, among others that say theirs. */
const among = (authority: AuthorityWord) => {
  const presences = new FakePresences()
  const replaced: string[] = []
  let now = 0
  const servers = new AnnouncedServers({
    presences,
    own: { holder: 'b', address: url('b') },
    authority,
    active: () => url('b'),
    lost: () => undefined,
    heardLost: async () => {},
    heardReplaced: (reason) => void replaced.push(reason),
    masterKeys: keysOf(1),
    cluster: async () => 'uid',
    holds: () => true,
    clock: { now: () => new Date(now) },
    monotonic: () => now,
    sleep: async () => {},
    log: { warn: () => {} }
  })
  return {
    servers,
    presences,
    replaced,
    skip: (milliseconds: number) => {
      now += milliseconds
    },
    says: (name: string, word: AuthorityWord, keys = keysOf(1)) => {
      const said = { address: url(name), holder: name, authority: wordText(word) }
      presences.put({ name: presenceName(url(name)), ...said, mac: presenceMac('uid', said, keys) })
    }
  }
}

t.test('servers say which CAs they have, and the list has it', async (t) => {
  const { servers, presences, says } = among(both)
  says('a', old)
  says('evil', rotated, keysOf(2))
  presences.put({
    name: presenceName(url('c')),
    address: url('c'),
    holder: 'c',
    mac: presenceMac('uid', seen('c'), keysOf(1))
  })
  await servers.round()
  t.match(servers.list(), [
    { url: url('b'), pin: old.pin, nextPin: both.next },
    { url: url('a'), pin: old.pin, nextPin: undefined },
    { url: url('c'), pin: undefined }
  ])
  const own = (await presences.list()).find(({ address }) => address === url('b'))
  t.equal(own?.authority, wordText(both))
  t.equal(servers.replaced, undefined, 'what nobody with the keys has said replaces nobody')
})

t.test('a server of which another one has the later CA hears so, whether that one is there or not', async (t) => {
  const { servers, replaced, says, skip } = among(both)
  await servers.round()
  t.same(replaced, [])
  says('a', rotated)
  await servers.round()
  t.match(replaced, [/^https:\/\/a:7443 serves by the next CA/])
  skip(presenceTimes.forgottenAfter)
  t.match(servers.replaced, /^https:\/\/a:7443 serves by the next CA/, 'no time goes back behind a rotation')
  says('a', { ...rotated, pin: old.pin, from: old.from })
  await servers.round()
  t.equal(servers.replaced, undefined)
})

t.test('a server tells machines what comes next only while it knows what the others have', async (t) => {
  const { servers, presences, says, skip } = among(old)
  t.notOk(servers.isAbreast, 'before its first look')
  says('a', old)
  await servers.round()
  t.ok(servers.isAbreast)
  says('a', both)
  await servers.round()
  t.notOk(servers.isAbreast, 'another one has a next CA that this host does not have')
  says('a', rotated)
  await servers.round()
  t.notOk(servers.isAbreast)
  says('a', old)
  await servers.round()
  t.ok(servers.isAbreast)
  presences.list = () => Promise.reject(new Error('no answer'))
  skip(presenceTimes.awayAfter - 1)
  await servers.round()
  t.ok(servers.isAbreast)
  skip(1)
  await servers.round()
  t.notOk(servers.isAbreast, 'by now the others count it as away, and go on without it')

  const next = among(both)
  next.says('a', rotated)
  await next.servers.round()
  t.ok(next.servers.isAbreast, 'one that stands by with the next CA says so')
})

t.test('a server that has its store for itself lists nobody, and names itself', async (t) => {
  const only = onlyServer(url('a'))
  t.same([only.list(), only.urls()], [[], [url('a')]])
})
