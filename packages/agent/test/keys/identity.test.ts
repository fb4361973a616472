import { createPrivateKey, X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import { type Facts, fingerprint, noFacts } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { loadIdentity } from '../../src/keys/identity.ts'

const state = '/var/lib/joinery-agent'
const file = `${state}/identity.json`
const machine: Facts = { ...noFacts, machineId: 'a'.repeat(32), productUuid: '5b2f' }

const disk = (t: Test) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  return { root, files, load: (facts = machine) => loadIdentity(files, state, facts) }
}

t.test('a machine makes its key once, keeps it, and lets only root read it', async (t) => {
  const { root, load } = disk(t)
  const identity = await load()
  const { publicKey, subject } = new X509Certificate(identity.certificate)
  t.equal(publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  t.equal(subject, 'CN=joinery-agent', 'nothing of the machine is in it')
  t.ok(new X509Certificate(identity.certificate).checkPrivateKey(createPrivateKey(identity.key)))
  t.equal(identity.fingerprint, fingerprint(publicKey))
  t.equal((await stat(join(root, file))).mode & 0o777, 0o600)
  t.same(await load(), identity)
})

t.test('a copy of the disk on another machine makes a key of its own', async (t) => {
  for (const [what, facts] of [
    ['by its machine id', { ...machine, machineId: 'b'.repeat(32) }],
    ['by its UUID alone', { ...machine, productUuid: '77aa' }]
  ] as const) {
    const { load } = disk(t)
    const original = await load()
    const copy = await load(facts)
    t.not(copy.fingerprint, original.fingerprint, what)
    t.same(await load(facts), copy, 'and keeps it')
  }
})

const damaged: Record<string, string> = {
  'is empty': '',
  'is no JSON': '{"machineId":',
  'is something else': '"text"',
  'lacks the key': JSON.stringify(machine),
  'has a key that is none': JSON.stringify({ ...machine, key: 'x', certificate: 'y' })
}
for (const [what, text] of Object.entries(damaged)) {
  t.test(`a file that ${what} is replaced by a new key`, async (t) => {
    const { files, load } = disk(t)
    await files.write(file, text, 0o600)
    const identity = await load()
    t.match(identity.fingerprint, /^sha256:/)
    t.same(await load(), identity)
  })
}

t.test('two agents that start at once have one key', async (t) => {
  const { files, load } = disk(t)
  const identities = await Promise.all([load(), load(), load()])
  t.equal(new Set(identities.map(({ fingerprint }) => fingerprint)).size, 1)
  t.same(await files.list(state), ['identity.json'])
})
