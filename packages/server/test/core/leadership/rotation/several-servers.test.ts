import { X509Certificate } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakePresences } from '@joinery/testing/log/fake-lease-objects'
import { initServer } from '@joinery/testing/pairing/init-server'
import t, { type Test } from 'tap'
import { StartRefusal } from '../../../../src/core/base/start-refusal.ts'
import { changeKeys } from '../../../../src/core/keys/key-change.ts'
import { readKeyFiles } from '../../../../src/core/keys/key-files.ts'
import { readStateKeys } from '../../../../src/core/keys/state-keys.ts'
import { type AuthorityWord, authorityWord, wordText } from '../../../../src/core/leadership/authority-word.ts'
import { presenceTimes } from '../../../../src/core/leadership/decide-servers.ts'
import { presenceMac } from '../../../../src/core/leadership/presence-mac.ts'
import { presenceName } from '../../../../src/core/leadership/presences.ts'
import { finishAuthority, rotateAuthority } from '../../../../src/core/leadership/rotation/rotate-authority.ts'
import { WatchedServers } from '../../../../src/core/leadership/rotation/watched-servers.ts'

const url = (name: string): string => `https://${name}:7443`

/** Hosts `a`, `b` and `c` with the same keys, of which each command sees the Leases of the others. */
const hosts = async (t: Test) => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const presences = new FakePresences()
  let [now, wall] = [0, new Date('2026-11-27T12:00:00Z')]
  const alive = new Set<() => Promise<void>>()
  const host = async (name: string) => {
    const state = join(folder, name)
    await mkdir(state)
    if (name !== 'a')
      for (const file of ['ca.key', 'ca.crt', 'master.key', 'audit.key'])
        await copyFile(join(folder, 'a', file), join(state, file))
    await initServer({ stateDirectory: state, configFile: join(folder, `${name}.yaml`) })
    const says = async (said?: AuthorityWord, holder = name) => {
      const { masterKeys, ...keys } = await readStateKeys(state)
      const spoken = { address: url(name), holder, authority: wordText(said ?? authorityWord(keys)) }
      presences.put({ name: presenceName(url(name)), ...spoken, mac: presenceMac('uid', spoken, masterKeys) })
    }
    const lines: string[] = []
    const common = () => ({
      state,
      now: wall,
      print: (line: string) => void lines.push(line),
      others: new WatchedServers({
        presences,
        own: url(name),
        cluster: async () => 'uid',
        monotonic: () => now,
        sleep: async (milliseconds) => {
          now += milliseconds
          for (const one of alive) await one()
        }
      })
    })
    await says()
    return {
      state,
      lines,
      says,
      /** Somebody renews its Lease while others look, with this word. */
      lives: (said?: AuthorityWord) => void alive.add(() => says(said)),
      word: async () => authorityWord(await readStateKeys(state)),
      begin: () => rotateAuthority(common()),
      finish: (away: string[] = []) =>
        finishAuthority({ ...common(), published: 'https://127.0.0.1:7443', away: away.map(url) }),
      /** Takes the next CA from another host, as a keys file brings it. */
      takes: async (from: { state: string }) => {
        const files = [...(await readKeyFiles(from.state))].filter(([file]) => file.startsWith('ca-next'))
        await changeKeys(state, new Map(files))
        await says()
      }
    }
  }
  const all = { a: await host('a'), b: await host('b'), c: await host('c') }
  return {
    ...all,
    presences,
    now: () => now,
    at: (date: string) => {
      wall = new Date(date)
    }
  }
}

const refused = (message: RegExp) => ({ constructor: StartRefusal, message, exitCode: 2 })
const authorities = ({ state }: { state: string }) => readdirSync(state).filter((name) => name.startsWith('ca'))

t.test('the next CA is put in place at once if all servers have it', async (t) => {
  const { a, b, c, now } = await hosts(t)
  await a.begin()
  await b.takes(a)
  await c.takes(a)
  const { next } = await a.word()
  await a.finish()
  t.equal(now(), 0, 'it waits for nobody')
  t.equal((await a.word()).pin, next)
  t.same(a.lines.slice(-2), [`${url('b')} has this CA`, `${url('c')} has this CA`])
  await a.says()
  await b.finish()
  await c.finish()
  t.same(await Promise.all([b.word(), c.word()]), [await a.word(), await a.word()])
})

t.test(
  '--finish is refused while a server that is there lacks the key, and names it and the lines to paste',
  async (t) => {
    const { a, b, c } = await hosts(t)
    await a.begin()
    await b.takes(a)
    c.lives()
    await t.rejects(
      a.finish(),
      refused(
        /^these servers do not have the next CA: https:\/\/c:7443: .*keys export.*init --keys .*--away https:\/\/c:7443$/
      )
    )
    t.equal(authorities(a).length, 4, 'nothing was changed')
    await c.takes(a)
    await a.finish()
    t.equal(authorities(a).length, 2)
  }
)

t.test('a server that is away keeps nobody from it, and is named', async (t) => {
  const { a, b, now } = await hosts(t)
  await a.begin()
  await b.takes(a)
  b.lives()
  await a.finish()
  t.equal(now(), presenceTimes.awayAfter, 'one look alone does not tell who is there')
  t.match(a.lines.at(-1), /^https:\/\/c:7443 does not have this CA, and stands by/)
})

/** Leases by which a thief says that c has the next CA: its own one with another word, and the word and MAC of b. */
const forgeries: [what: string, of: 'b' | 'c'][] = [
  ['another word under the MAC that it had', 'c'],
  ['the word and the MAC of another server', 'b']
]
for (const [what, of] of forgeries)
  t.test(`a stolen token cannot pretend that a server has the key: ${what}`, async (t) => {
    const { a, b, c, presences } = await hosts(t)
    await a.begin()
    await b.takes(a)
    const found = (await presences.list()).find(({ address }) => address === url(of))
    const { version: _, ...lease } = found ?? { version: '', mac: '' }
    const word = wordText({ ...(await c.word()), next: (await a.word()).next ?? '' })
    presences.put({ ...lease, name: presenceName(url('c')), address: url('c'), holder: 'c', authority: word })
    await a.finish()
    t.same(a.lines.slice(-1), [`${url('b')} has this CA`], 'it only hides c, which stands by then')
  })

t.test('a stolen token that shows an old Lease for ever is named as away by root', async (t) => {
  const { a, b, c } = await hosts(t)
  const old = await c.word()
  await a.begin()
  await b.takes(a)
  await c.takes(a)
  await c.says(old)
  c.lives(old)
  await t.rejects(a.finish(), refused(/do not have the next CA: https:\/\/c:7443/))
  await a.finish(['c'])
  t.equal(authorities(a).length, 2)
})

t.test(
  'an old Lease that nobody renews is away after half a minute, and one that somebody shows again is there',
  async (t) => {
    const { a, b, c, presences } = await hosts(t)
    const [old] = (await presences.list()).filter(({ address }) => address === url('c'))
    await a.begin()
    await b.takes(a)
    await c.takes(a)
    const { version: _, ...shown } = old ?? { version: '', name: '', address: '', holder: '' }
    presences.put(shown)
    const list = presences.list.bind(presences)
    presences.list = async () => {
      const found = await list()
      presences.put(shown)
      return found
    }
    await t.rejects(a.finish(), refused(/do not have the next CA: https:\/\/c:7443/))
    presences.list = list
    await a.finish()
    t.equal(authorities(a).length, 2)
  }
)

t.test('only one host makes the next CA', async (t) => {
  const { a, b, c } = await hosts(t)
  await a.begin()
  await a.says()
  await t.rejects(
    b.begin(),
    refused(/^https:\/\/a:7443 has a CA already that this host does not have: take it: .*keys export.*init --keys/)
  )
  t.equal(authorities(b).length, 2)
  await b.takes(a)
  await b.begin()
  t.same(await b.word(), await a.word(), 'by which it signs the pin of the same CA')
  await a.finish()
  await a.says()
  await t.rejects(c.begin(), refused(/^https:\/\/a:7443 has a CA already/))
})

t.test('two hosts that made a next CA each put neither in place while both are there', async (t) => {
  const { a, b, c } = await hosts(t)
  await a.begin()
  await b.begin()
  for (const host of [a, b, c]) {
    await host.says()
    host.lives()
  }
  await t.rejects(a.finish(), refused(/do not have the next CA: https:\/\/b:7443, https:\/\/c:7443/))
  await t.rejects(b.finish(), refused(/do not have the next CA: https:\/\/a:7443, https:\/\/c:7443/))
})

t.test('a next CA is the later one, also if the clock of its host is years behind', async (t) => {
  const { a, at } = await hosts(t)
  const { from } = await a.word()
  at('2020-01-01T00:00:00Z')
  await a.begin()
  await a.finish(['b', 'c'])
  const { nextAuthority, certificateAuthority } = await readStateKeys(a.state)
  t.equal(nextAuthority, undefined)
  t.ok(new X509Certificate(certificateAuthority).validFromDate.getTime() > from)
})

t.test('servers that cannot be listed are a sentence, and nothing is changed', async (t) => {
  const { a, presences } = await hosts(t)
  presences.list = () => Promise.reject(new Error('no answer in time'))
  await t.rejects(a.begin(), refused(/^the other servers cannot be listed \(no answer in time\): try again/))
  t.equal(authorities(a).length, 2)
})
