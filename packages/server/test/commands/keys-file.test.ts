import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { openNextPin } from '@joinery/protocol/statement'
import { initServer } from '@joinery/testing/pairing/init-server'
import { CompactEncrypt } from 'jose'
import t, { type Test } from 'tap'
import { exportKeys } from '../../src/adapters/sqlite/backup/keys/export-keys.ts'
import { openKeysFile } from '../../src/adapters/sqlite/backup/keys/keys-file.ts'
import { readNewPassphrase } from '../../src/adapters/sqlite/backup/keys/new-passphrase.ts'
import { takeKeys } from '../../src/adapters/sqlite/backup/keys/take-keys.ts'
import { systemRandom } from '../../src/core/base/random.ts'
import { StartRefusal } from '../../src/core/base/start-refusal.ts'
import { masterKeyFile, nextPinFile, readKeyFiles } from '../../src/core/keys/key-files.ts'
import { readStateKeys } from '../../src/core/keys/state-keys.ts'
import { finishAuthority, rotateAuthority } from '../../src/core/leadership/rotation/rotate-authority.ts'
import { takeState } from '../../src/core/ports/store/take-state.ts'

// each seal costs 600,000 rounds, on a machine that has more to do
t.setTimeout(240_000)

const now = new Date('2026-11-27T12:00:00Z')
const cluster = { uid: '6a3f1c52-0000-4000-8000-000000000001', api: 'https://192.0.2.1:6443' }
const pinOf = (pem: string): string => fingerprint(new X509Certificate(pem).publicKey)
const keyNames = ['audit.key', 'ca.crt', 'ca.key', 'master.key']

const newFolder = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

const newHost = async (t: Test): Promise<string> => {
  const state = join(await newFolder(t), 'state')
  await initServer({ stateDirectory: state, configFile: join(state, '../server.yaml') })
  return state
}

const exported = async (state: string, file: string): Promise<string[]> => {
  const lines: string[] = []
  await exportKeys({
    state,
    file,
    cluster: async () => cluster,
    random: systemRandom.bytes,
    now,
    print: (line) => lines.push(line)
  })
  return lines
}

/** One host with its keys file, made once. */
const makeShared = async () => {
  const state = await newHost(t)
  const file = join(state, '../joinery.keys')
  const lines = await exported(state, file)
  const shown = lines.find((line) => line.startsWith('passphrase: '))?.slice('passphrase: '.length) ?? ''
  return { state, file, lines, shown, passphrase: readNewPassphrase(shown) }
}
let made: ReturnType<typeof makeShared> | undefined
const shared = () => {
  made ??= makeShared()
  return made
}

const take = (file: string, state: string, passphrase: string, more: Partial<Parameters<typeof takeKeys>[0]> = {}) =>
  takeKeys({ state, file, passphrase, cluster: async () => cluster, print: () => {}, ...more })

const refused = (message: RegExp) => ({ constructor: StartRefusal, message, exitCode: 2 })

t.test('a keys file is sealed, only its owner can read it, and it states its cluster', async (t) => {
  const { state, file, lines, shown, passphrase } = await shared()
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(shown, /^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/, '130 bits and a checksum, in groups')
  t.equal(lines[0], `${file} created, for the cluster ${cluster.uid} at ${cluster.api}`)
  const text = readFileSync(file, 'latin1')
  for (const name of ['master.key', 'ca.key', 'audit.key']) {
    const key = readFileSync(join(state, name))
    for (const form of ['latin1', 'base64', 'hex', 'utf8'] as const) {
      t.notOk(text.includes(key.toString(form).trim()), `${name} as ${form}`)
    }
  }
  t.notOk(text.includes(passphrase))
  t.notOk(text.includes(shown))
  const [, sealed = ''] = text.split('\n')
  const header = JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString())
  t.match(header, { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', typ: 'joinery-keys', p2c: 600_000, cluster })
  t.same(readdirSync(join(state, '..')).sort(), ['joinery.keys', 'server.yaml', 'state'], 'and no draft is left')
})

t.test('another host gets all keys by it, and so the same pin', async (t) => {
  const { state, file, passphrase } = await shared()
  const other = join(await newFolder(t), 'state')
  const lines: string[] = []
  await take(file, other, passphrase, { print: (line) => lines.push(line) })
  t.same(readdirSync(other).sort(), [...keyNames, 'joinery.lock'].sort())
  for (const name of keyNames) {
    t.ok(readFileSync(join(other, name)).equals(readFileSync(join(state, name))), name)
    t.equal(statSync(join(other, name)).mode & 0o777, 0o600, name)
  }
  t.same(
    lines.sort(),
    keyNames.map((name) => `${join(other, name)} created`)
  )
  const pin = await initServer({ stateDirectory: other, configFile: join(other, '../server.yaml') })
  t.equal(pin, await initServer({ stateDirectory: state, configFile: join(state, '../server.yaml') }))
  await readStateKeys(other)
  await take(file, other, passphrase, { print: (line) => lines.push(line) })
  t.same(
    lines.slice(4),
    lines.slice(0, 4).map((line) => line.replace('created', 'unchanged')),
    'and it may run again'
  )
})

t.test('the file of another cluster is refused, and nothing is written', async (t) => {
  const { file, passphrase } = await shared()
  const other = join(await newFolder(t), 'state')
  const here = { uid: '6a3f1c52-0000-4000-8000-000000000002', api: 'https://198.51.100.1:6443' }
  await t.rejects(
    take(file, other, passphrase, { cluster: async () => here }),
    refused(/has the keys for the cluster 6a3f1c52-0000-4000-8000-000000000001 \(https:.*\), and this host's is .*2 \(/)
  )
  await t.rejects(
    take(file, other, passphrase, {
      cluster: () => Promise.reject(new StartRefusal('the cluster cannot be asked who it is: no answer'))
    }),
    refused(/^the cluster cannot be asked who it is/),
    'nor without an answer of the cluster'
  )
  t.throws(() => statSync(other), { code: 'ENOENT' })
})

t.test('a wrong passphrase, a damaged and a foreign file are sentences, and nothing is written', async (t) => {
  const { file, passphrase } = await shared()
  const folder = await newFolder(t)
  const other = join(folder, 'state')
  const bad = join(folder, 'bad.keys')
  const text = readFileSync(file, 'latin1')
  const [first, sealed = ''] = text.split('\n')
  const parts = sealed.split('.')
  const otherCluster = Buffer.from(
    Buffer.from(parts[0] ?? '', 'base64url')
      .toString()
      .replace(/0001"/, '0002"')
  ).toString('base64url')
  const foreign = await new CompactEncrypt(Buffer.from('{}'))
    .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', typ: 'joinery-backup', cluster })
    .setKeyManagementParameters({ p2c: 1000 })
    .encrypt(Buffer.from(passphrase))
  const cases: [string, string, RegExp][] = [
    ['cut', text.slice(0, 400), /is no keys file of joinery-server$/],
    ['empty', '', /is no keys file/],
    ['a byte more', `${text}x`, /is no keys file/],
    [
      'changed at its end',
      `${first}\n${sealed.slice(0, -6)}AAAAAA\n`,
      /does not open: the passphrase is wrong, or the/
    ],
    ['another cluster written into it', `${first}\n${[otherCluster, ...parts.slice(1)].join('.')}\n`, /does not open/],
    ['a backup', `${first}\n${foreign}\n`, /is no keys file/],
    ['a newer format', `joinery-keys 2\n${sealed}\n`, /was made by another joinery-server \(joinery-keys 2\): use it/],
    ['huge', `${first}\n${'A'.repeat(300_000)}\n`, /is no keys file/]
  ]
  for (const [what, content, message] of cases) {
    await writeFile(bad, content)
    await t.rejects(take(bad, other, passphrase), refused(message), what)
  }
  await t.rejects(take(file, other, 'X'.repeat(28)), refused(/does not open: the passphrase is wrong/))
  await t.rejects(take(join(folder, 'none'), other, passphrase), refused(/cannot be read \(ENOENT\)$/))
  t.throws(() => statSync(other), { code: 'ENOENT' })
})

/** A keys file of somebody who has the passphrase, with so few rounds that a test can try many. */
const quickFile = async (path: string, files: Record<string, string>, passphrase: string): Promise<void> => {
  const contents = { made: now.toISOString(), by: '0', files }
  const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify(contents)))
    .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', typ: 'joinery-keys', cluster })
    .setKeyManagementParameters({ p2c: 1000 })
    .encrypt(Buffer.from(passphrase))
  await writeFile(path, `joinery-keys 1\n${sealed}\n`)
}

const textsOf = (files: Awaited<ReturnType<typeof readKeyFiles>>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, content.toString('base64')] as const))

t.test('keys that do not fit each other are refused, and no name leads out of the state folder', async (t) => {
  const { state, passphrase } = await shared()
  const files = Object.fromEntries(
    keyNames.map((name) => [name, readFileSync(join(state, name)).toString('base64')] as const)
  )
  const foreign = readFileSync(join(await newHost(t), 'ca.key')).toString('base64')
  const { 'ca.key': _, ...withoutKey } = files
  const cases: [string, Record<string, string>][] = [
    ['the key of another CA', { ...files, 'ca.key': foreign }],
    ['no key of the CA', withoutKey],
    ['a short master key', { ...files, 'master.key': 'eA==' }],
    ['a later master key of another name', { ...files, 'master-2-0123456789abcdef.key': files['master.key'] ?? '' }],
    ['half a next CA', { ...files, 'ca-next.crt': files['ca.crt'] ?? '' }],
    ['a broken key of the audit log', { ...files, 'audit.key': 'eA==' }],
    ['a name that leads out', { ...files, '../escaped': 'eA==' }],
    ['another file of the state', { ...files, kubeconfig: 'eA==' }]
  ]
  const folder = await newFolder(t)
  for (const [what, content] of cases) {
    await quickFile(join(folder, 'bad.keys'), content, passphrase)
    const other = join(folder, 'state')
    await t.rejects(take(join(folder, 'bad.keys'), other, passphrase), refused(/do not fit each other$/), what)
    t.throws(() => statSync(other), { code: 'ENOENT' })
  }
  const later = Buffer.alloc(32, 7)
  await quickFile(
    join(folder, 'good.keys'),
    { ...files, [masterKeyFile(2, later)]: later.toString('base64') },
    passphrase
  )
  t.equal((await openKeysFile(join(folder, 'good.keys'), passphrase)).files.size, 5)
})

t.test('a host with another key, or whose server runs, keeps what it has', async (t) => {
  const { state, passphrase } = await shared()
  const files = Object.fromEntries(
    keyNames.map((name) => [name, readFileSync(join(state, name)).toString('base64')] as const)
  )
  const file = join(await newFolder(t), 'quick.keys')
  await quickFile(file, files, passphrase)
  const other = await newHost(t)
  const before = keyNames.map((name) => readFileSync(join(other, name), 'hex'))
  await t.rejects(take(file, other, passphrase), refused(/is another key than the one in the file/))
  t.same(
    keyNames.map((name) => readFileSync(join(other, name), 'hex')),
    before
  )
  const third = join(file, '../third')
  await mkdir(third)
  const taken = takeState(third)
  await t.rejects(take(file, third, passphrase), refused(/end that server first/))
  taken.release()
  t.same(readdirSync(third), ['joinery.lock'])
  await copyFile(join(state, 'ca.key'), join(third, 'ca.key'))
  const [one, two] = await Promise.allSettled([take(file, third, passphrase), take(file, third, passphrase)])
  t.same([one.status, two.status].sort(), ['fulfilled', 'rejected'], 'of two at the same time one does it')
  t.same(readdirSync(third).sort(), [...keyNames, 'joinery.lock'].sort())
})

t.test('a second host follows a rotation of the CA by the files from during it and from after it', async (t) => {
  const { passphrase } = await shared()
  const [one, folder] = [await newHost(t), await newFolder(t)]
  const [file, other] = [join(folder, 'quick.keys'), join(folder, 'state')]
  const follow = async () => {
    const files = textsOf(await readKeyFiles(one))
    await quickFile(file, files, passphrase)
    await take(file, other, passphrase)
    for (const [name, content] of Object.entries(files))
      t.equal(readFileSync(join(other, name), 'base64'), content, name)
    return { names: Object.keys(files), nextPin: join(other, nextPinFile) }
  }
  t.same((await follow()).names, keyNames)
  await rotateAuthority({ state: one, now, print: () => {} })
  for (const what of ['a new file', 'the same file on a host of before, which has no such text']) {
    const { names, nextPin } = await follow()
    t.same(names, ['audit.key', 'ca-next.crt', 'ca-next.key', 'ca.crt', 'ca.key', 'master.key'], what)
    const { certificateAuthority, nextAuthority = '' } = await readStateKeys(one)
    t.equal(await openNextPin(readFileSync(nextPin, 'utf8'), pinOf(certificateAuthority)), pinOf(nextAuthority), what)
    await rm(nextPin)
  }
  await follow()
  await finishAuthority({ state: one, published: 'https://127.0.0.1:7443', now, print: () => {} })
  t.same((await follow()).names, keyNames)
  t.same(readdirSync(other).sort(), [...keyNames, 'joinery.lock'].sort(), 'the next CA is the present one there, too')

  const late = await newHost(t)
  const before = readFileSync(join(late, 'ca.key'), 'utf8')
  await t.rejects(take(file, late, passphrase), refused(/is another key than the one in the file/))
  t.equal(readFileSync(join(late, 'ca.key'), 'utf8'), before, 'a host that never knew of that CA is another server')
})

t.test('the keys of another installation are refused, also those from its rotation', async (t) => {
  const { passphrase } = await shared()
  const [one, other] = [await newHost(t), await newHost(t)]
  const file = join(await newFolder(t), 'quick.keys')
  const state = await readKeyFiles(other)
  for (const step of [
    () => rotateAuthority({ state: one, now, print: () => {} }),
    () => finishAuthority({ state: one, published: 'https://127.0.0.1:7443', now, print: () => {} })
  ]) {
    await step()
    await quickFile(file, textsOf(await readKeyFiles(one)), passphrase)
    await t.rejects(take(file, other, passphrase), refused(/is another key than the one in the file/))
    t.same(await readKeyFiles(other), state)
  }
  // after its own rotation of the master key: no file of the same name is another one
  const later = Buffer.alloc(32, 9)
  await writeFile(join(other, masterKeyFile(2, later)), later, { mode: 0o600 })
  for (const name of ['master.key', 'audit.key']) await rm(join(other, name))
  await t.rejects(take(file, other, passphrase), refused(/is another key than the one in the file/))
  // with the CA of this installation, and a master key of another one
  const mixed = { ...textsOf(await readKeyFiles(one)), 'master.key': Buffer.alloc(32, 7).toString('base64') }
  const third = join(file, '../third')
  await quickFile(file, textsOf(await readKeyFiles(one)), passphrase)
  await take(file, third, passphrase)
  await rotateAuthority({ state: one, now, print: () => {} })
  await finishAuthority({ state: one, published: 'https://127.0.0.1:7443', now, print: () => {} })
  const rotated = textsOf(await readKeyFiles(one))
  await quickFile(file, { ...rotated, 'master.key': mixed['master.key'] }, passphrase)
  await t.rejects(take(file, third, passphrase), refused(/is another key than the one in the file/))
  await quickFile(file, rotated, passphrase)
  await take(file, third, passphrase)
  t.same(textsOf(await readKeyFiles(third)), rotated)
})

t.test('a host that missed a rotation takes the later CA, and no file goes back behind one', async (t) => {
  const { passphrase } = await shared()
  const [one, folder] = [await newHost(t), await newFolder(t)]
  const [before, after] = [join(folder, 'before.keys'), join(folder, 'after.keys')]
  const [missed, begun] = [join(folder, 'missed'), join(folder, 'begun')]
  await quickFile(before, textsOf(await readKeyFiles(one)), passphrase)
  const init = (state: string) => initServer({ stateDirectory: state, configFile: join(folder, 'server.yaml') })
  for (const state of [missed, begun]) {
    await take(before, state, passphrase)
    await init(state)
  }
  // a next CA of its own, which never came into place
  await rotateAuthority({ state: begun, now, print: () => {} })
  await rotateAuthority({ state: one, now, print: () => {} })
  await finishAuthority({ state: one, published: 'https://127.0.0.1:7443', now, print: () => {} })
  const rotated = textsOf(await readKeyFiles(one))
  await quickFile(after, rotated, passphrase)
  for (const state of [missed, begun]) {
    await take(after, state, passphrase)
    t.same(textsOf(await readKeyFiles(state)), rotated)
    t.notOk(readdirSync(state).includes(nextPinFile))
    await init(state)
    await readStateKeys(state)
    await t.rejects(take(before, state, passphrase), refused(/is another key than the one in the file/))
    t.same(textsOf(await readKeyFiles(state)), rotated)
  }
})

t.test('an export writes over nothing, and asks for the key of the CA', async (t) => {
  const { state, file } = await shared()
  const before = await readFile(file)
  await t.rejects(exported(state, file), refused(/is there already: name another file/))
  t.ok((await readFile(file)).equals(before))
  await t.rejects(exported(state, join(file, '../none/joinery.keys')), refused(/cannot be written \(ENOENT\)$/))
  const other = await newHost(t)
  await rm(join(other, 'ca.key'))
  await t.rejects(exported(other, join(other, '../x.keys')), refused(/there is no ca.key in .*: put it back/))
  t.throws(() => statSync(join(other, '../x.keys')), { code: 'ENOENT' })
})

t.test('of two exports into one file at the same time one counts, and its passphrase opens the file', async (t) => {
  const { state } = await shared()
  const folder = await newFolder(t)
  const file = join(folder, 'joinery.keys')
  const ends = await Promise.allSettled([exported(state, file), exported(state, file)])
  t.same(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const lines = ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
  const shown = lines.find((line) => line.startsWith('passphrase: '))?.slice('passphrase: '.length) ?? ''
  t.equal((await openKeysFile(file, readNewPassphrase(shown))).of.uid, cluster.uid)
  t.same(readdirSync(folder), ['joinery.keys'], 'and no draft is left')
})

t.test('a passphrase is read as people type it, and a typing error needs no file', (t) => {
  const typed = 'abcd-efgh-jkmn-pqrs-tvwx-yz01'
  t.throws(() => readNewPassphrase(typed), refused(/this is no passphrase of a keys file: type the seven groups/))
  t.throws(() => readNewPassphrase('correct horse battery staple'), refused(/no passphrase of a keys file/))
  t.end()
})

t.test('a passphrase may be typed in small letters, without groups', async (t) => {
  const { shown, passphrase } = await shared()
  for (const typed of [shown.toLowerCase(), shown.replaceAll('-', ''), shown.replaceAll('-', ' '), `${shown}\n`]) {
    t.equal(readNewPassphrase(typed), passphrase)
  }
  t.throws(() => readNewPassphrase(`jny_${passphrase}`), refused(/no passphrase/), 'a code is none')
  t.throws(
    () => readNewPassphrase(`${passphrase.slice(0, -1)}${passphrase.endsWith('0') ? '1' : '0'}`),
    refused(/no passphrase/)
  )
})
