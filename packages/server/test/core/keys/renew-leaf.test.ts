import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { chown, copyFile, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initServer } from '@joinery/testing/pairing/init-server'
import { needsRoot } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { StartRefusal } from '../../../src/core/base/start-refusal.ts'
import { makeLeaf } from '../../../src/core/keys/certificates.ts'
import { readAuthority } from '../../../src/core/keys/ensure-authority.ts'
import { ensureLeaf } from '../../../src/core/keys/ensure-leaf.ts'
import { stepsOfKeyChange } from '../../../src/core/keys/key-change.ts'
import { makeKey, readKeyPair } from '../../../src/core/keys/keys.ts'
import { pairFlaw } from '../../../src/core/keys/leaf.ts'
import { renewLeaf } from '../../../src/core/keys/renew-leaf.ts'

t.setTimeout(120_000)

const now = new Date('2026-11-27T12:00:00Z')
const day = 24 * 60 * 60_000
const inDays = (days: number) => new Date(now.getTime() + days * day)

const newHost = async (t: Test) => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [state, configFile] = [join(folder, 'state'), join(folder, 'server.yaml')]
  await initServer({ stateDirectory: state, configFile, now })
  const read = (name: string) => readFileSync(join(state, name), 'utf8')
  const lines: string[] = []
  const renew = async (at: Date, address = 'https://127.0.0.1:7443') => {
    await renewLeaf({ state, address, machine: ['192.0.2.1'], now: at, print: (line) => void lines.push(line) })
    return lines.at(-1)?.replace(`${state}/`, '')
  }
  return {
    folder,
    state,
    configFile,
    renew,
    read,
    leaf: () => new X509Certificate(read('tls.crt')),
    /** Reason for which nobody can serve with what lies there. */
    flaw: () => pairFlaw({ key: read('tls.key'), certificate: read('tls.crt') }, read('ca.crt'))
  }
}
type Host = Awaited<ReturnType<typeof newHost>>

t.test('a leaf is renewed within 30 days of its end, with a key of its own, and lives 90 days', async (t) => {
  const { renew, leaf, read, flaw } = await newHost(t)
  const [first, key] = [leaf().serialNumber, read('tls.key')]
  t.equal(await renew(inDays(60)), 'tls.crt unchanged')
  t.equal(leaf().serialNumber, first)
  const late = inDays(60.01)
  t.equal(await renew(late), 'tls.crt made again: it expires within 30 days')
  t.equal(leaf().validToDate.getTime(), Math.floor((late.getTime() + 90 * day) / 1000) * 1000)
  t.not(read('tls.key'), key, 'who stole the old key has nothing of it')
  t.ok(leaf().checkIP('127.0.0.1'))
  t.equal(flaw(), undefined)
  t.equal(await renew(late), 'tls.crt unchanged', 'once')
  t.equal(
    await renew(inDays(160)),
    'tls.crt made again: it expires within 30 days',
    'a machine that was off for 100 days'
  )
})

const flaws: [what: string, spoil: (host: Host) => Promise<unknown>, said: RegExp][] = [
  ['a certificate that is none', ({ state }) => writeFile(join(state, 'tls.crt'), 'x'), /made again: it is damaged$/],
  ['a key that is none', ({ state }) => writeFile(join(state, 'tls.key'), 'x'), /made again: its key is damaged$/],
  ['no certificate', ({ state }) => rm(join(state, 'tls.crt')), /tls.crt created$/],
  ['no key', ({ state }) => rm(join(state, 'tls.key')), /made again: missing$/],
  [
    'a key that a crash left without its certificate',
    ({ state }) => writeFile(join(state, 'tls.key'), makeKey()),
    /made again: it is for another key$/
  ],
  [
    'a leaf of another CA',
    async ({ state }) => {
      const other = await newHost(t)
      for (const name of ['tls.key', 'tls.crt']) await copyFile(join(other.state, name), join(state, name))
    },
    /made again: another CA made it$/
  ],
  [
    'a leaf of a year, as an earlier version made it',
    async ({ state, read }) => {
      const pair = readKeyPair(read('tls.key'))
      const year = await makeLeaf(await readAuthority(state), pair, ['127.0.0.1'], inDays(275))
      await writeFile(join(state, 'tls.crt'), year)
    },
    /made again: it lives longer than 90 days$/
  ]
]
for (const [what, spoil, said] of flaws) {
  t.test(`${what} is made again, and the address to which machines are sent is in it`, async (t) => {
    const host = await newHost(t)
    await spoil(host)
    t.match(await host.renew(now), said)
    t.equal(host.flaw(), undefined)
    t.ok(host.leaf().checkIP('127.0.0.1'))
    t.equal(await host.renew(now), 'tls.crt unchanged')
  })
}

t.test('a leaf names the host of agents.address, and keeps the addresses that it has', async (t) => {
  const { renew, leaf } = await newHost(t)
  t.equal(await renew(now, 'https://join.example.org:7443'), 'tls.crt made again: the addresses have changed')
  t.ok(leaf().checkHost('join.example.org'))
  t.ok(leaf().checkIP('127.0.0.1'))
})

t.test('the key of the CA may be kept elsewhere, until the leaf must be renewed', async (t) => {
  const { state, renew, leaf } = await newHost(t)
  const first = leaf().serialNumber
  await rename(join(state, 'ca.key'), join(state, '../ca.key'))
  t.equal(await renew(now), 'tls.crt unchanged')
  const refusal = { constructor: StartRefusal, message: /there is no \S+ca\.key: put it back for the moment/ }
  await t.rejects(renew(inDays(70)), refusal)
  t.equal(leaf().serialNumber, first)
  await rename(join(state, '../ca.key'), join(state, 'ca.key'))
  t.match(await renew(inDays(70)), /made again/)
})

t.test(
  'of several runs at the same time the last one leaves a leaf with its own key, and no draft stays',
  async (t) => {
    const { state, renew, flaw } = await newHost(t)
    await writeFile(join(state, '.tls.key.of-a-run-that-was-cut.new'), 'half')
    for (let round = 1; round < 6; round += 1) {
      await Promise.all(Array.from({ length: 4 }, () => renew(inDays(70 * round))))
      t.equal(flaw(), undefined, `round ${round}`)
    }
    t.same(
      readdirSync(state).filter((name) => name.startsWith('.')),
      []
    )
  }
)

t.test(
  'two runs in step, of which the one that is first with its key is last with its leaf, come to rest',
  async (t) => {
    const { state, flaw } = await newHost(t)
    const choice = { wanted: [], machine: ['192.0.2.1'], published: undefined }
    let [running, turns] = [2, 0]
    const ready = new Map<number, { place: () => Promise<void>; go: () => void }>()
    /** Once each run that is left is ready to place a file, they do so one after the other, and go on together. */
    const takeTurn = async () => {
      if (ready.size < running) return
      const all = [...ready].sort(([a], [b]) => a - b).map(([, one]) => one)
      ready.clear()
      for (const { place } of turns++ % 2 === 0 ? all : all.reverse()) await place()
      for (const { go } of all) go()
    }
    const run = (number: number) =>
      ensureLeaf(state, choice, inDays(70), t.comment, (draft, file) => {
        const turn = new Promise<void>((go) => ready.set(number, { place: () => rename(draft, file), go }))
        return takeTurn().then(() => turn)
      }).finally(() => {
        running -= 1
        return takeTurn()
      })
    await Promise.all([run(1), run(2)])
    t.equal(flaw(), undefined)
  }
)

t.test('a cut change of the keys is left to the server, which has the folder for itself', async (t) => {
  const { state, renew, read } = await newHost(t)
  const change = new Map([['ca.key', makeKey()]])
  const steps = stepsOfKeyChange(state, change)
  for (const step of steps.slice(
    0,
    steps.findIndex(({ what }) => what.startsWith('place '))
  ))
    await step.do()
  const before = read('tls.crt')
  t.match(await renew(inDays(80)), /^a change of the keys in \S+ was cut: nothing is renewed/)
  t.equal(read('tls.crt'), before)
})

t.test('a server that was taken over gets no certificate of another CA of this host signed', async (t) => {
  const [{ state, renew, read }, other] = [await newHost(t), await newHost(t)]
  const before = read('tls.crt')
  for (const name of ['ca.key', 'ca.crt']) {
    await rm(join(state, name))
    symlinkSync(join(other.state, name), join(state, name))
  }
  await t.rejects(renew(inDays(80)), { constructor: StartRefusal, message: /is a link/ })
  await rm(join(state, 'ca.crt'))
  await copyFile(join(other.state, 'ca.crt'), join(state, 'ca.crt'))
  await t.rejects(renew(inDays(80)), { constructor: StartRefusal, message: /ca\.key is a link/ })
  t.equal(read('tls.crt'), before)
})

t.test('root gives the leaf to the user of the server, and takes the key of the CA', { skip: needsRoot }, async (t) => {
  const { state, renew } = await newHost(t)
  for (const name of ['', ...readdirSync(state)]) await chown(join(state, name), 4711, 4712)
  await renew(inDays(70))
  for (const name of ['tls.key', 'tls.crt']) {
    t.match(await stat(join(state, name)), { uid: 4711, gid: 4712, mode: 0o100600 }, name)
  }
  t.match(await stat(join(state, 'ca.key')), { uid: 0, gid: 0, mode: 0o100600 })
})
