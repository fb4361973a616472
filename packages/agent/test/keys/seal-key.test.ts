import { createPublicKey } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import { fingerprint } from '@joinery/protocol'
import { readSealKey } from '@joinery/protocol/seal'
import t, { type Test } from 'tap'
import { machineIds } from '../../src/host/machine-ids.ts'
import { type Identity, loadIdentity } from '../../src/keys/identity.ts'
import { sealKeyFile } from '../../src/keys/seal-key.ts'

const state = '/var/lib/joinery-agent'
const file = `${state}/seal-key.json`

const disk = async (t: Test) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  const become = (id: string) => files.write('/etc/machine-id', `${id}\n`, 0o644)
  await become('a'.repeat(32))
  const identity = async (): Promise<Identity> => loadIdentity(files, state, await machineIds(files))
  return { root, files, become, identity, keys: sealKeyFile(files, state, identity) }
}

t.test('a machine makes its seal key once, signs it with its machine key, and lets only root read it', async (t) => {
  const { root, files, keys, identity } = await disk(t)
  const made = await keys.load()
  const known = await readSealKey(made.signed, (await identity()).fingerprint)
  t.equal(fingerprint(known), fingerprint(createPublicKey(made.key)))
  t.equal((await stat(join(root, file))).mode & 0o777, 0o600)
  t.same(await keys.load(), made, 'the signature too: another one would be news to the server')
  await keys.remove()
  await keys.remove()
  t.notOk(await files.exists(file))
})

t.test('a copy of the disk on another machine makes a key of its own, signed with its own machine key', async (t) => {
  const { become, keys, identity } = await disk(t)
  const original = await keys.load()
  await become('b'.repeat(32))
  const copy = await keys.load()
  t.not(copy.key, original.key)
  await readSealKey(copy.signed, (await identity()).fingerprint)
})

t.test('a machine that got another identity makes another seal key', async (t) => {
  const { files, keys, identity } = await disk(t)
  const before = await keys.load()
  await files.remove(`${state}/identity.json`)
  const after = await keys.load()
  t.not(after.signed, before.signed)
  await readSealKey(after.signed, (await identity()).fingerprint)
})

t.test('a file that is damaged is replaced by a new key', async (t) => {
  const { files, keys } = await disk(t)
  for (const text of ['', '{"key":', '{"machineId":"","key":"x"}']) {
    await files.write(file, text, 0o600)
    const made = await keys.load()
    t.same(await keys.load(), made, JSON.stringify(text))
  }
})

t.test('two agents that start at once have one key', async (t) => {
  const { keys } = await disk(t)
  const made = await Promise.all([keys.load(), keys.load(), keys.load()])
  t.equal(new Set(made.map(({ signed }) => signed)).size, 1)
})
