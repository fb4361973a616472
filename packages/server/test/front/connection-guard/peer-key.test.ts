import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'
import { fingerprint, noFacts } from '@joinery/protocol'
import * as der from '@joinery/testing/requests/der'
import t from 'tap'
import { p256Fingerprint } from '../../../src/front/connection-guard/peer-key.ts'

const newCertificate = async (): Promise<X509Certificate> =>
  new X509Certificate((await loadIdentity(memoryFiles(), '', noFacts)).certificate)

/** The fingerprint of a P-256 key by its coordinates. */
const byCoordinates = (key: KeyObject): string =>
  fingerprint(createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' }))

/** The key as OpenSSL reads it. `none`: of another kind. Undefined if OpenSSL makes no key of it, so that no handshake can prove it. */
const byOpenSsl = ({ raw }: { raw: Buffer }): string | undefined => {
  try {
    const { publicKey } = new X509Certificate(raw)
    return publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? byCoordinates(publicKey) : 'none'
  } catch {
    return undefined
  }
}

t.test('the key of a machine is read as OpenSSL reads it', async (t) => {
  for (let number = 0; number < 20; number += 1) {
    const certificate = await newCertificate()
    t.equal(p256Fingerprint(certificate), byOpenSsl(certificate))
  }
})

t.test('no bit of a certificate makes two keys of it', async (t) => {
  const { raw } = await newCertificate()
  let read = 0
  const wrong: string[] = []
  for (let bit = 0; bit < raw.length * 8; bit += 1) {
    const bent = Buffer.from(raw)
    bent.writeUInt8(bent.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    const expected = byOpenSsl({ raw: bent })
    if (expected === undefined) continue
    read += 1
    const found = p256Fingerprint(new X509Certificate(bent)) ?? 'none'
    if (found !== expected) wrong.push(`bit ${bit}: ${found}, OpenSSL ${expected}`)
  }
  t.ok(read > raw.length, `${read} of them are certificates still`)
  t.same(wrong, [])
})

/** A certificate with these fields, in the place of what it is signed for. OpenSSL looks at the signature of none. */
const certificateOf = (...fields: Buffer[]): X509Certificate =>
  new X509Certificate(der.sequence(der.sequence(...fields), ecdsaWithSha256, der.bits(der.sequence())))
const ecdsaWithSha256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))
const version3 = der.context(0, der.integer(2))
const validity = der.sequence(...['260101000000Z', '360101000000Z'].map((time) => der.value(0x17, Buffer.from(time))))
/** TeletexString: text of any bytes. */
const teletex = 0x14
const nameOf = (text: Buffer): Buffer =>
  der.sequence(der.setOf(der.sequence(der.objectIdentifier('2.5.4.3'), der.value(teletex, text))))
const newKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' })

t.test("a key that stands where a certificate has no key is nobody's", async (t) => {
  const [own, stolen] = [newKey(), newKey()]
  const name = nameOf(Buffer.from('machine'))
  const decoy = nameOf(stolen)
  const extension = der.sequence(der.objectIdentifier('2.5.29.14'), der.octets(stolen))
  const forms: Record<string, Buffer[]> = {
    'in the subject': [version3, der.integer(1), ecdsaWithSha256, name, validity, decoy, own],
    'in the issuer': [version3, der.integer(1), ecdsaWithSha256, decoy, validity, name, own],
    'as the serial': [version3, der.value(0x02, stolen), ecdsaWithSha256, name, validity, name, own],
    'in an extension': [
      version3,
      der.integer(1),
      ecdsaWithSha256,
      name,
      validity,
      name,
      own,
      der.context(3, der.sequence(extension))
    ],
    'with no version': [der.integer(1), ecdsaWithSha256, decoy, validity, decoy, own]
  }
  for (const [where, fields] of Object.entries(forms)) {
    const certificate = certificateOf(...fields)
    const expected = fingerprint(certificate.publicKey)
    t.equal(p256Fingerprint(certificate), expected, where)
  }
})

/** The X coordinate is 32 bytes behind the head of SubjectPublicKeyInfo, and Y follows. */
const [xAt, yAt] = [27, 59]

t.test(
  'a key is one machine, however its certificate writes it, also one whose coordinate begins with zero',
  async (t) => {
    let zero = newKey()
    // one key in 256 is such a one
    while (zero.at(xAt) !== 0) zero = newKey()
    const name = nameOf(Buffer.from('machine'))
    const fields = [der.integer(1), ecdsaWithSha256, name, validity, name]
    const kind = der.sequence(der.objectIdentifier('1.2.840.10045.2.1'), der.objectIdentifier('1.2.840.10045.3.1.7'))
    for (const key of [zero, newKey()]) {
      const expected = fingerprint(createPublicKey({ key, type: 'spki', format: 'der' }))
      const parity = (key.at(-1) ?? 0) & 1
      const compressed = der.bits(Buffer.concat([Buffer.from([2 + parity]), key.subarray(xAt, yAt)]))
      t.equal(p256Fingerprint(certificateOf(version3, ...fields, key)), expected, 'as agents write it')
      t.equal(p256Fingerprint(certificateOf(...fields, key)), expected, 'in a certificate of version 1')
      t.equal(
        p256Fingerprint(certificateOf(version3, ...fields, der.sequence(kind, compressed))),
        expected,
        'compressed'
      )
    }
  }
)

t.test('a key of another kind is none', async (t) => {
  const name = nameOf(Buffer.from('machine'))
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ type: 'spki', format: 'der' })
  const before = [version3, der.integer(1), ecdsaWithSha256, name, validity, name]
  t.equal(p256Fingerprint(certificateOf(...before, other)), undefined)
})
