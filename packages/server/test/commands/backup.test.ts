import { randomBytes, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PassThrough } from 'node:stream'
import { fingerprint } from '@joinery/protocol'
import { openNextPin } from '@joinery/protocol/statement'
import { eventually } from '@joinery/testing/clocks/eventually'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { initServer } from '@joinery/testing/pairing/init-server'
import { emptyTree } from '@joinery/tlog'
import { CompactEncrypt } from 'jose'
import t, { type Test } from 'tap'
import { backupFile, openBackup } from '../../src/adapters/sqlite/backup/backup-file.ts'
import { makeBackup } from '../../src/adapters/sqlite/backup/make-backup.ts'
import { askHidden, readPassphrase } from '../../src/adapters/sqlite/backup/passphrase.ts'
import { restoreBackup } from '../../src/adapters/sqlite/backup/restore-backup.ts'
import { openMirror } from '../../src/adapters/sqlite/mirror/open-mirror.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { makeKey } from '../../src/core/keys/keys.ts'
import { rotateAuthority } from '../../src/core/leadership/rotation/rotate-authority.ts'
import { rotateKeys } from '../../src/core/leadership/rotation/rotate-keys.ts'
import { takeState } from '../../src/core/ports/store/take-state.ts'

// each seal costs 600,000 rounds, on a machine that has more to do
t.setTimeout(240_000)

const passphrase = 'correct horse battery staple'
const now = new Date('2026-11-26T12:00:00Z')

const newFolder = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

/** A host with keys and a store in it, and a place for a backup. */
const host = async (t: Test) => {
  const folder = await newFolder(t)
  const state = join(folder, 'state')
  await initServer({
    stateDirectory: state,
    configFile: join(folder, 'server.yaml'),
    print: () => {}
  })
  const store = sqliteStore(join(state, 'joinery.db'))
  await store.commit({ codes: [aCode('c')], enrolments: [anEnrolment('e')] })
  await store.commit({ audit: { log: { revision: 0, name: '2026', origin: 'joinery.dev/c/s', tree: emptyTree } } })
  store.close()
  const file = join(folder, 'joinery.backup')
  return { folder, state, file, backup: () => makeBackup({ state, file, passphrase, now }) }
}

const restore = (file: string, state: string, more: { passphrase?: string } = {}) =>
  restoreBackup({ state, file, passphrase, now, print: () => {}, ...more })

/** By somebody who has the passphrase, with so few rounds that a test can try many. */
const quickSeal = (contents: object): Promise<string> =>
  new CompactEncrypt(Buffer.from(JSON.stringify(contents)))
    .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', typ: 'joinery-backup' })
    .setKeyManagementParameters({ p2c: 1000 })
    .encrypt(Buffer.from(passphrase))

/** A host with a backup of it, sealed by few rounds: what a restore does is the same. Made once for all tests. */
const makeShared = async () => {
  const { state, file, folder, backup } = await host(t)
  await backup()
  const { contents, database } = await openBackup(file, passphrase)
  const chunks: Uint8Array[] = []
  for await (const chunk of database()) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  await writeFile(file, Buffer.concat([Buffer.from(`joinery-backup 1\n${await quickSeal(contents)}\n`), bytes]))
  return { state, file, contents, bytes, folder }
}
let made: ReturnType<typeof makeShared> | undefined
const shared = () => {
  made ??= makeShared()
  return made
}

const keys = (state: string) =>
  ['master.key', 'ca.key', 'ca.crt'].map((name) => readFileSync(join(state, name)).toString('base64'))

t.test('a backup has the whole store and the keys, only its owner can read it, and no key is in clear', async (t) => {
  const { state, file, backup, folder } = await host(t)
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  await backup()
  t.equal(statSync(file).mode & 0o777, 0o600)
  const bytes = readFileSync(file)
  for (const [index, key] of keys(state).entries()) {
    for (const form of [Buffer.from(key, 'base64'), key, Buffer.from(key, 'base64').toString('hex')]) {
      t.equal(bytes.includes(form), false, `key ${index}`)
    }
  }
  t.same(readdirSync(folder).sort(), ['joinery.backup', 'server.yaml', 'state'], 'and nothing is left beside it')

  const other = join(folder, 'other')
  await restore(file, other)
  t.same(keys(other), keys(state))
  for (const name of ['master.key', 'ca.key', 'joinery.db']) {
    t.equal(statSync(join(other, name)).mode & 0o777, 0o600, name)
  }
  t.equal(statSync(other).mode & 0o777, 0o700)
  const store = sqliteStore(join(other, 'joinery.db'))
  t.teardown(() => store.close())
  t.same(await store.codes(), [aCode('c', { revision: 1 })])
  t.same(await store.enrolments(), [anEnrolment('e', { revision: 1 })])
  t.match(await store.restored(), { why: /restored from a backup at 2026/ }, 'it knows where it comes from')
})

t.test('a backup of a working server has whole commits, and all that were acknowledged before', async (t) => {
  const { state, file, backup, folder } = await host(t)
  const store = sqliteStore(join(state, 'joinery.db'))
  t.teardown(() => store.close())
  let [count, over] = [0, false]
  const works = (async () => {
    for (; !over; count += 1) {
      await store.commit({
        codes: [aCode(`c${count}`)],
        enrolments: [anEnrolment(`e${count}`, { reason: 'x'.repeat(4000) })]
      })
    }
  })()
  await eventually('it has worked', () => count >= 50, { pause: 5 })
  const before = count
  await backup()
  over = true
  await works
  await restore(file, join(folder, 'other'))
  const copy = sqliteStore(join(folder, 'other', 'joinery.db'))
  t.teardown(() => copy.close())
  await copy.check()
  const [codes, enrolments] = [await copy.codes(), await copy.enrolments()]
  t.equal(codes.length, enrolments.length)
  t.ok(codes.length > before, `${codes.length} of ${count}, ${before} before it began`)
  t.same(
    codes.slice(1).map(({ id }) => id),
    codes.slice(1).map((_, index) => `c${index}`),
    'without a gap'
  )
})

t.test('a backup has the master keys that a rotation made, also when the first one is gone', async (t) => {
  const { state, file, backup, folder } = await host(t)
  await rotateKeys({ state, random: randomBytes, print: () => {} })
  await rm(join(state, 'master.key'))
  const [later = ''] = readdirSync(state).filter((name) => name.startsWith('master-'))
  await backup()
  const other = join(folder, 'other')
  await restore(file, other)
  t.same(
    readdirSync(other).filter((name) => name.startsWith('master')),
    [later]
  )
  t.ok(readFileSync(join(other, later)).equals(readFileSync(join(state, later))))
})

t.test('a backup overwrites nothing, and a second one into the same file is refused', async (t) => {
  const { file, backup, folder, state } = await host(t)
  const results = await Promise.allSettled([backup(), backup()])
  t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await openBackup(file, passphrase)
  const before = readFileSync(file)
  await t.rejects(backup(), { name: 'StartRefusal', message: /is there already/ })
  t.ok(readFileSync(file).equals(before))
  await writeFile(join(folder, '.cut.db.new'), '')
  const cut = makeBackup({ state, file: join(folder, 'cut'), passphrase, now })
  await t.rejects(cut, { message: /was interrupted: rm \S+\.cut\.db\.new, if it was interrupted$/ })
})

t.test('a store that is damaged, missing or readable by others is not backed up', async (t) => {
  const { state, backup, file } = await host(t)
  const database = new DatabaseSync(join(state, 'joinery.db'))
  database.exec(`UPDATE codes SET document = replace(document, 'worker', 'worked')`)
  database.close()
  await t.rejects(backup(), { code: 'store-damaged' })
  t.throws(() => statSync(file), { code: 'ENOENT' }, 'nothing that looks like a backup is left')
  await writeFile(join(state, 'joinery.db'), 'not a database'.repeat(1000))
  await t.rejects(backup(), { code: 'store-damaged' })
  await rm(join(state, 'joinery.db'))
  await t.rejects(backup(), { message: /^there is no \S+joinery.db: / })
  await writeFile(join(state, 'master.key'), '')
  await t.rejects(backup(), { message: /is damaged/ })
})

t.test('a restore overwrites no store, WAL or key, and changes nothing if it is refused', async (t) => {
  const { state, file } = await shared()
  const folder = await newFolder(t)
  await t.rejects(restore(file, state), { message: /there is a store already: move it away as a whole, mkdir / })
  for (const part of ['-wal', '-shm']) {
    const other = join(folder, `other${part}`)
    await mkdir(other)
    await writeFile(join(other, `joinery.db${part}`), 'hot')
    await t.rejects(restore(file, other), { message: /there is a store already/ }, part)
    t.same(readdirSync(other).sort(), [`joinery.db${part}`, 'joinery.lock'], part)
  }
  const other = join(folder, 'another-ca')
  await mkdir(other)
  await writeFile(join(other, 'ca.key'), makeKey())
  await t.rejects(restore(file, other), { message: /ca.key differs from the one in the backup/ })
  t.same(readdirSync(other).sort(), ['ca.key', 'joinery.lock'])
})

t.test('a restore that was cut can begin again, and ends as if it had not been cut', async (t) => {
  const { state, file } = await shared()
  const folder = await newFolder(t)
  const other = join(folder, 'other')
  await mkdir(other)
  // before the rename: a key is there, and half of the database
  await writeFile(join(other, 'master.key'), await readFile(join(state, 'master.key')))
  await writeFile(join(other, '.joinery.db.restored'), 'half')
  await restore(file, other)
  t.same(readdirSync(other).sort(), ['audit.key', 'ca.crt', 'ca.key', 'joinery.db', 'joinery.lock', 'master.key'])
  // after it: the store is there, and nothing is done twice
  await t.rejects(restore(file, other), { message: /there is a store already/ })
})

t.test('a restore gives the keys of the CAs to root, and has the CA name again the one that comes next', async (t) => {
  const { state, file, backup } = await host(t)
  await rotateAuthority({ state, now, print: () => {} })
  await backup()
  const other = join(await newFolder(t), 'other')
  await mkdir(other)
  const isRoot = process.getuid?.() === 0
  if (isRoot) await chown(other, 4711, 4712)
  await restore(file, other)
  const pinOf = (name: string) => fingerprint(new X509Certificate(readFileSync(join(other, name))).publicKey)
  t.equal(await openNextPin(readFileSync(join(other, 'next-pin.jws'), 'utf8'), pinOf('ca.crt')), pinOf('ca-next.crt'))
  if (!isRoot) return
  for (const name of ['ca.key', 'ca-next.key']) t.match(statSync(join(other, name)), { uid: 0, mode: 0o100600 }, name)
  for (const name of ['ca.crt', 'master.key', 'next-pin.jws']) t.equal(statSync(join(other, name)).uid, 4711, name)
})

t.test('the audit log of a restored store is marked until something is written to it', async (t) => {
  const { file } = await shared()
  const other = join(await newFolder(t), 'other')
  await restore(file, other)
  const store = sqliteStore(join(other, 'joinery.db'))
  t.teardown(() => store.close())
  const log = await store.audit.log()
  t.match(log, { name: '2026', restored: true })
  if (log !== undefined) await store.commit({ audit: { log: { ...log, name: '2026-2' } } })
  t.match(await store.audit.log(), { name: '2026-2', restored: undefined })
})

t.test('a restored copy of a log belongs to it still, and takes everything from the cluster again', async (t) => {
  const { folder, state, file, backup } = await host(t)
  const mirror = openMirror(join(state, 'joinery.db'))
  const documents = new Map(mirror.documents().map(({ name }) => [name, 7]))
  t.ok(documents.size > 1)
  mirror.follow({ log: 'log-1', number: 7, documents })
  mirror.close()
  await backup()
  const other = join(folder, 'other')
  await restore(file, other)
  const restored = openMirror(join(other, 'joinery.db'))
  t.teardown(() => restored.close())
  t.same(restored.known(), { log: 'log-1', number: 7, documents: new Map() })
  t.throws(() => sqliteStore(join(other, 'joinery.db')), { message: /is a copy of the log/ })
})

t.test('of two restores at once one succeeds, and none succeeds beside a server', async (t) => {
  const { file } = await shared()
  const folder = await newFolder(t)
  const other = join(folder, 'other')
  const results = await Promise.allSettled([restore(file, other), restore(file, other)])
  t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const store = sqliteStore(join(other, 'joinery.db'))
  t.equal((await store.codes()).length, 1)
  store.close()
  const third = join(folder, 'third')
  await mkdir(third)
  const server = takeState(third)
  await t.rejects(restore(file, third), { message: /another joinery-server has/ })
  server.release()
  await restore(file, third)
})

t.test('a hostile backup is refused with a sentence, and puts nothing into the state folder', async (t) => {
  const { file, contents, bytes } = await shared()
  const folder = await newFolder(t)
  const line = 'joinery-backup 1'
  const sealed = await quickSeal(contents)
  const good = Buffer.concat([Buffer.from(`${line}\n${sealed}\n`), bytes])
  const begins = good.length - bytes.length
  const forged = async (change: object, other = bytes) =>
    Buffer.concat([Buffer.from(`${line}\n${await quickSeal({ ...contents, ...change })}\n`), other])
  const withHeader = (more: object) => {
    const [header = '', ...rest] = sealed.split('.')
    const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), ...more }
    return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.')
  }
  const other = async (sealed: string) => Buffer.from(`${line}\n${sealed}\n`)
  const byAnotherAlgorithm = await new CompactEncrypt(Buffer.from('{}'))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'joinery-backup' })
    .encrypt(Buffer.alloc(32))
  const trigger = async () => {
    const path = join(folder, 'trigger.db')
    await writeFile(path, bytes)
    const database = new DatabaseSync(path)
    database.exec('CREATE TRIGGER mine AFTER INSERT ON codes BEGIN DELETE FROM timeline; END')
    database.close()
    return readFile(path)
  }
  const sha256 = async (bytes: Buffer) => {
    const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
    return { bytes: bytes.length, sha256: Buffer.from(digest).toString('hex') }
  }
  const triggered = await trigger()
  const triggeredSum = await sha256(triggered)
  const noDatabase = Buffer.from('not a database')
  const noDatabaseSum = await sha256(noDatabase)
  const withKeys = (keys: object) => forged({ keys: { ...contents.keys, ...keys } })
  const files: [what: string, bytes: Buffer, said: RegExp][] = [
    ['nothing', Buffer.alloc(0), /is no backup of joinery-server/],
    ['a text', Buffer.from('hello\nworld\n'), /is no backup/],
    ['a tar', Buffer.alloc(10_240, 'x'), /is no backup/],
    ['another format', Buffer.from(`joinery-backup 2\n${sealed}\n`), /made by another joinery-server/],
    ['half of the head', good.subarray(0, 100), /is no backup/],
    ['a cut seal', Buffer.from(`${line}\n${sealed.slice(0, -30)}\n`), /is no backup|does not open/],
    ['no database', good.subarray(0, begins), /is damaged: its database/],
    ['a database that is a byte short', good.subarray(0, -1), /is damaged: its database/],
    ['a database that is a byte long', Buffer.concat([good, Buffer.from('x')]), /is damaged: its database/],
    [
      'a flipped byte',
      Buffer.from(good.map((byte, at) => (at === begins + 5000 ? byte ^ 1 : byte))),
      /is damaged: its/
    ],
    ['a billion rounds', await other(withHeader({ p2c: 1_000_000_000 })), /is no backup/],
    ['no rounds', await other(withHeader({ p2c: 0 })), /is no backup/],
    ['fewer rounds', await other(withHeader({ p2c: 1 })), /does not open|is no backup/],
    ['another algorithm', await other(byAnotherAlgorithm), /is no backup/],
    ['a path', await withKeys({ '../../etc/cron.d/x': 'eA==' }), /is no backup/],
    ['another file', await withKeys({ 'tls.key': 'eA==' }), /is no backup/],
    ['the key of another CA', await withKeys({ 'ca.key': makeKey() }), /do not fit each other/],
    ['a short master key', await withKeys({ 'master.key': 'eA==' }), /do not fit each other/],
    ['a CA that is none', await withKeys({ 'ca.crt': 'x' }), /do not fit each other/],
    ['no store', await forged({ database: noDatabaseSum }, noDatabase), /is not a store/],
    ['a trigger', await forged({ database: triggeredSum }, triggered), /is not a store/]
  ]
  for (const [index, [what, bytes, said]] of files.entries()) {
    const [bad, state] = [join(folder, `bad-${index}`), join(folder, `state-${index}`)]
    await writeFile(bad, bytes)
    await t.rejects(restore(bad, state), { name: 'StartRefusal', message: said }, what)
    const there = await Promise.resolve()
      .then(() => readdirSync(state))
      .catch(() => [])
    t.same(
      there.filter((name) => name !== 'joinery.lock'),
      [],
      what
    )
  }
  const state = join(folder, 'state-wrong')
  await t.rejects(restore(file, state, { passphrase: 'another horse battery' }), { message: /does not open/ })
  await t.rejects(restore(folder, state), { message: /cannot be read \(EISDIR\)/ })
  await t.rejects(restore('/nowhere/joinery.backup', state), { message: /cannot be read \(ENOENT\)/ })
})

t.test('the passphrase comes from a file or a terminal, and the terminal does not show it', async (t) => {
  const folder = await newFolder(t)
  const file = join(folder, 'passphrase')
  const terminal = { input: Object.assign(new PassThrough(), { isTTY: false }) as never, output: new PassThrough() }
  await writeFile(file, `${passphrase}\n`)
  t.equal(await readPassphrase(file, terminal, true), passphrase)
  await writeFile(file, 'short\n')
  await t.rejects(readPassphrase(file, terminal, true), { message: /16 characters or more/ })
  await t.rejects(readPassphrase(join(folder, 'nowhere'), terminal, true), { message: /cannot be read \(ENOENT\)/ })
  await t.rejects(readPassphrase(undefined, terminal, true), {
    message: /no terminal .*: give it with --passphrase-file/
  })

  const [input, output] = [new PassThrough(), new PassThrough()]
  const asked = askHidden(input, output, 'Passphrase: ')
  input.write(`${passphrase}\r`)
  t.equal(await asked, passphrase)
  t.equal(String(output.read()), 'Passphrase: \n')
  const ended = askHidden(input, output, 'Passphrase: ')
  input.end()
  await t.rejects(ended, { message: 'no passphrase was given' })
})

t.test('a backup is its kind, the sealed part, and the database as it is', async (t) => {
  const folder = await newFolder(t)
  await writeFile(join(folder, 'db'), 'database')
  const chunks: Uint8Array[] = []
  for await (const chunk of backupFile('sealed', join(folder, 'db'))) chunks.push(chunk)
  t.equal(Buffer.concat(chunks).toString(), 'joinery-backup 1\nsealed\ndatabase')
})
