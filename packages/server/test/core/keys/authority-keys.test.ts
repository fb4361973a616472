import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { chmod, chown, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { needsRoot } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { StartRefusal } from '../../../src/core/base/start-refusal.ts'
import { giveToRoot, readAuthorityKey, writeKeyFile } from '../../../src/core/keys/authority-keys.ts'
import { makeKey } from '../../../src/core/keys/keys.ts'

const [uid, gid] = [4711, 4712]
const names = ['audit.key', 'ca-next.key', 'ca.crt', 'ca.key', 'master.key', 'tls.key']

/** A state folder of before: everything in it belongs to the user of the server. */
const olderState = async (t: Test): Promise<string> => {
  const state = t.testdir(Object.fromEntries(names.map((name) => [name, name])))
  await chown(state, uid, gid)
  for (const name of names) {
    await chmod(join(state, name), 0o600)
    await chown(join(state, name), uid, gid)
  }
  return state
}

const owners = async (state: string) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await stat(join(state, name))).uid])))

const after = { 'audit.key': uid, 'ca-next.key': 0, 'ca.crt': uid, 'ca.key': 0, 'master.key': uid, 'tls.key': uid }

t.test('the keys of the CAs become root’s, and no other file does', { skip: needsRoot }, async (t) => {
  const state = await olderState(t)
  await giveToRoot(state)
  t.same(await owners(state), after)
  for (const name of ['ca.key', 'ca-next.key']) {
    t.match(await stat(join(state, name)), { uid: 0, gid: 0, mode: 0o100600 }, name)
  }
  await giveToRoot(state)
  t.same(await owners(state), after, 'again')
})

t.test('what a crash left half done is mended by the next run', { skip: needsRoot }, async (t) => {
  const state = await olderState(t)
  await chown(join(state, 'ca.key'), 0, 0)
  await giveToRoot(state)
  t.same(await owners(state), after, 'after the first key')
  await chown(join(state, 'ca.key'), 0, gid)
  await chmod(join(state, 'ca.key'), 0o640)
  await giveToRoot(state)
  t.match(await stat(join(state, 'ca.key')), { uid: 0, gid: 0, mode: 0o100600 }, 'between owner and mode')
  // systemd gives a folder that is root's to the user of the server, with all that is in it
  await chown(join(state, 'ca.key'), uid, gid)
  await giveToRoot(state)
  t.same(await owners(state), after)
  await rm(join(state, 'ca.key'))
  await rm(join(state, 'ca-next.key'))
  await giveToRoot(state)
  t.pass('keys that are kept elsewhere are no failure')
})

t.test('a key that root writes into the folder of the server is its user’s, and that of a CA root’s', async (t) => {
  const state = t.testdir({})
  if (!needsRoot) await chown(state, uid, gid)
  for (const name of names) await writeKeyFile(state, name, 'x')
  for (const name of names) t.equal((await stat(join(state, name))).mode & 0o777, 0o600, name)
  if (!needsRoot) t.same(await owners(state), after)
})

const hostile: [what: string, put: (file: string, outside: string) => void, said: RegExp][] = [
  ['a link to a file of root’s', (file, outside) => symlinkSync(outside, file), /ca\.key is a link: put the file/],
  ['a link to nothing', (file) => symlinkSync('/nowhere/at-all', file), /ca\.key is a link/],
  ['a folder', (file) => mkdirSync(file), /ca\.key is no file/]
]
for (const [what, put, said] of hostile) {
  t.test(`${what} at the place of the CA's key is refused, and nothing outside is touched`, async (t) => {
    const folder = t.testdir({ state: {}, outside: makeKey() })
    const [state, outside] = [join(folder, 'state'), join(folder, 'outside')]
    await chmod(outside, 0o644)
    if (!needsRoot) await chown(outside, uid, gid)
    const before = lstatSync(outside)
    put(join(state, 'ca.key'), outside)
    const refusal = { constructor: StartRefusal, message: said }
    await t.rejects(readAuthorityKey(state, 'ca.key'), refusal)
    if (!needsRoot) await t.rejects(giveToRoot(state), refusal)
    const { mode, uid: owner, mtimeMs } = lstatSync(outside)
    t.same({ mode, owner, mtimeMs }, { mode: before.mode, owner: before.uid, mtimeMs: before.mtimeMs })
  })
}

t.test('a key of a CA that others may read is refused', async (t) => {
  const state = t.testdir({})
  const file = join(state, 'ca.key')
  writeFileSync(file, makeKey(), { mode: 0o640 })
  await t.rejects(readAuthorityKey(state, 'ca.key'), { message: /\(mode 0640\): chmod 600 \S+ca.key$/ })
  await chmod(file, 0o600)
  t.equal(await readAuthorityKey(state, 'ca.key'), readFileSync(file, 'utf8'))
  t.equal(await readAuthorityKey(state, 'ca-next.key'), undefined)
})
