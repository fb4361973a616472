import 'reflect-metadata'
import { createPublicKey } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import { fingerprint, keyAlgorithms } from '@joinery/protocol'
import { isSignedByItsKey, parseCsrRequest } from '@joinery/server/testing/enrolment'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import t, { type Test } from 'tap'
import { certificateRequest } from '../../src/keys/certificate-request.ts'
import { joinKeyFile } from '../../src/keys/join-key.ts'

const state = '/var/lib/joinery-agent'
const file = `${state}/join-key.json`

/** A machine with this id. */
const disk = async (t: Test, machineId = 'a'.repeat(32)) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  const become = (id: string) => files.write('/etc/machine-id', `${id}\n`, 0o644)
  await become(machineId)
  return { root, files, become, keys: joinKeyFile(files, state) }
}

t.test('a machine makes its join key once, keeps it until it is removed, and lets only root read it', async (t) => {
  const { root, files, keys } = await disk(t)
  const made = await keys.load()
  const publicKey = createPublicKey(made.key)
  t.equal(publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  t.equal(made.fingerprint, fingerprint(publicKey))
  t.equal((await stat(join(root, file))).mode & 0o777, 0o600)
  t.same(await keys.load(), made)
  await keys.remove()
  await keys.remove()
  t.same(await files.list(state), [])
  t.not((await keys.load()).fingerprint, made.fingerprint)
})

t.test('a copy of the disk on another machine makes a key of its own', async (t) => {
  const { become, keys } = await disk(t)
  const original = await keys.load()
  await become('b'.repeat(32))
  const copy = await keys.load()
  t.not(copy.fingerprint, original.fingerprint)
  t.same(await keys.load(), copy, 'and keeps it')
})

for (const [what, text] of Object.entries({
  'is empty': '',
  'is no JSON': '{"key":',
  'has a key that is none': '{"machineId":"","key":"x"}'
})) {
  t.test(`a file that ${what} is replaced by a new key`, async (t) => {
    const { files, keys } = await disk(t)
    await files.write(file, text, 0o600)
    const made = await keys.load()
    t.match(made.fingerprint, /^sha256:/)
    t.same(await keys.load(), made)
  })
}

t.test('two agents that start at once have one key', async (t) => {
  const { files, keys } = await disk(t)
  const made = await Promise.all([keys.load(), keys.load(), keys.load()])
  t.equal(new Set(made.map(({ fingerprint }) => fingerprint)).size, 1)
  t.same(await files.list(state), ['join-key.json'])
})

t.test('a join key signs the request that a kubelet of this name makes', async (t) => {
  const { keys } = await disk(t)
  const joinKey = await keys.load()
  const request = new Pkcs10CertificateRequest(await certificateRequest(joinKey, 'worker-1'))
  t.equal(request.subject, 'O=system:nodes, CN=system:node:worker-1')
  t.same(request.extensions, [])
  t.ok(await request.verify())
  const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
  t.equal(fingerprint(key), joinKey.fingerprint)
})

for (const algorithm of keyAlgorithms) {
  t.test(`a join key of the kind ${algorithm} signs the request of a kubelet`, async (t) => {
    const { keys } = await disk(t)
    const made = await keys.load(algorithm)
    t.equal(made.algorithm, algorithm)
    t.same(await keys.load(algorithm), made, 'once')
    t.same(await keys.load(), made, 'and it stays when nobody asks for a kind')
    const request = await certificateRequest(made, 'worker-1')
    t.ok(isSignedByItsKey(request), 'as the server reads it')
    t.match(parseCsrRequest(request), { commonNames: ['system:node:worker-1'], organizations: ['system:nodes'] })
  })
}

t.test('an ML-DSA key is written as its seed alone, which is what Go reads', async (t) => {
  const { keys } = await disk(t)
  const { key } = await keys.load('ML-DSA-65')
  const der = Buffer.from(key.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  t.equal(der.length, 54)
  t.equal(der.toString('hex').slice(0, 44), '3034020100300b060960864801650304031204228020')
})
