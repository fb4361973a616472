import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import t from 'tap'
import { readSealKey, seal, sharedFiles, signSealKey, unseal } from '../src/seal.ts'
import { fingerprint } from '../src/words/fingerprint.ts'

const keyPair = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve })
const machine = keyPair()
const sealKey = keyPair()
const own = fingerprint(machine.publicKey)
const filesOf = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, `text of ${name}`]))
const stacked = filesOf([...sharedFiles.always, ...sharedFiles.stacked])
const sealedFor = (enrolment: string, files: object, key: KeyObject = sealKey.publicKey) =>
  seal({ enrolment, files: files as Record<string, string> }, key)

t.test('keys that are sealed to a signed seal key open on its machine, for its enrolment', async (t) => {
  const key = await readSealKey(await signSealKey(sealKey.publicKey, machine.privateKey), own)
  const sealed = await sealedFor('e1', stacked, key)
  t.notMatch(sealed, /text of/)
  t.same(await unseal(sealed, sealKey.privateKey, 'e1'), stacked)
  const external = filesOf([...sharedFiles.always, ...sharedFiles.external])
  t.same(await unseal(await sealedFor('e1', external), sealKey.privateKey, 'e1'), external)
})

t.test('a key that was kept in a PEM file signs and opens as well', async (t) => {
  const kept = (key: KeyObject) => createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' }))
  const signed = await signSealKey(sealKey.publicKey, kept(machine.privateKey))
  t.ok(await readSealKey(signed, own))
  t.same(await unseal(await sealedFor('e1', stacked), kept(sealKey.privateKey), 'e1'), stacked)
})

t.test('a seal key that another machine signed is refused', async (t) => {
  const thief = keyPair()
  await t.rejects(readSealKey(await signSealKey(sealKey.publicKey, thief.privateKey), own), /another machine/)
  const [header, , signature] = (await signSealKey(sealKey.publicKey, machine.privateKey)).split('.')
  const payload = Buffer.from(JSON.stringify(thief.publicKey.export({ format: 'jwk' }))).toString('base64url')
  await t.rejects(readSealKey(`${header}.${payload}.${signature}`, own), /signature verification failed/)
  await t.rejects(readSealKey('a.b.c', own), { code: 'ERR_JWS_INVALID' })
  const wide = await signSealKey(keyPair('P-384').publicKey, machine.privateKey)
  await t.rejects(readSealKey(wide, own), /P-256/)
})

t.test('a sealed text opens neither for another enrolment nor with another key', async (t) => {
  const sealed = await sealedFor('e1', stacked)
  await t.rejects(unseal(sealed, sealKey.privateKey, 'e2'), /another enrolment/)
  await t.rejects(unseal(sealed, keyPair().privateKey, 'e1'), { code: 'ERR_JWE_DECRYPTION_FAILED' })
  const tag = Buffer.from(sealed.split('.').at(-1) ?? '', 'base64url')
  tag[0] = ~(tag[0] ?? 0)
  const bent = [...sealed.split('.').slice(0, -1), tag.toString('base64url')].join('.')
  await t.rejects(unseal(bent, sealKey.privateKey, 'e1'), { code: 'ERR_JWE_DECRYPTION_FAILED' }, 'a bent tag')
})

t.test('only the files that control planes share come out', async (t) => {
  const strange: Record<string, object> = {
    'one outside of the folder': { ...stacked, '../../cron.d/x': 'x' },
    'one too few': filesOf([...sharedFiles.always, 'etcd/ca.crt']),
    'one that is no text': { ...stacked, 'ca.key': 1 },
    nothing: {}
  }
  for (const [what, files] of Object.entries(strange)) {
    await t.rejects(
      unseal(await sealedFor('e1', files), sealKey.privateKey, 'e1'),
      /not the ones that control planes share/,
      what
    )
  }
})
