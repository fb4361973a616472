import { day, type Statement } from '@joinery/protocol'
import { makeAuthority, makeKey, makeLeaf, readKeyPair } from '@joinery/server/testing/keys'
import t from 'tap'
import { openNextPin, openStatement, signNextPin, signStatement } from '../../src/trust/sign-statement.ts'
import { signText } from '../../src/trust/signed-text.ts'
import { fingerprint } from '../../src/words/fingerprint.ts'

const now = new Date('2026-01-02T00:00:00Z')

/** A CA with a server certificate. */
const installation = async () => {
  const pair = readKeyPair(makeKey())
  const authority = { pair, certificate: await makeAuthority(pair, now) }
  const leafPair = readKeyPair(makeKey())
  const certificate = await makeLeaf(authority, leafPair, ['192.0.2.1'], now)
  return {
    pin: fingerprint(pair.publicKey),
    issuer: { key: pair.privateKey, authority: authority.certificate },
    signer: { key: leafPair.privateKey, certificate, authority: authority.certificate }
  }
}

const own = await installation()
const other = await installation()

const statement: Statement = {
  issued: '2026-01-02T00:00:00Z',
  cluster: '7d6c1e38-0b7c-4b63-a1d1-1d2f3c4b5a69',
  server: 'https://192.0.2.1:7443',
  servers: ['https://192.0.2.2:7443'],
  apiEndpoint: '192.0.2.1:6443',
  package: { sha256: 'a'.repeat(64), size: 5_000_000 },
  version: '0.1.0'
}
const signed = await signStatement(statement, own.signer)

t.test('a statement opens under the pin of the server that signed it', async (t) => {
  t.same(await openStatement(signed, [own.pin]), {
    statement,
    pin: own.pin,
    certificate: own.signer.certificate.trim().concat('\n'),
    authority: own.signer.authority.trim().concat('\n')
  })
  t.match(await openStatement(signed, [other.pin, own.pin], now), { pin: own.pin })
  t.match(
    await openStatement(await signStatement({ ...statement, more: 1 } as Statement, own.signer), [own.pin]),
    { pin: own.pin },
    'a later version'
  )
})

/** The text with another payload, signature or header. */
const bent = (change: (parts: string[]) => void): string => {
  const parts = signed.split('.')
  change(parts)
  return parts.join('.')
}
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = JSON.parse(Buffer.from(signed.split('.')[0] ?? '', 'base64url').toString())

const hostile: [what: string, text: () => string | Promise<string>, reason: RegExp][] = [
  ['another server', () => signStatement(statement, other.signer), /by the CA with key sha256/],
  [
    'a leaf of another CA beside the right CA',
    () => signStatement(statement, { ...other.signer, authority: own.signer.authority }),
    /not by its CA/
  ],
  [
    'the CA itself',
    () => signStatement(statement, { ...own.issuer, certificate: own.issuer.authority }),
    /not by its CA/
  ],
  [
    'the CA alone',
    () => signText('joinery-statement', statement, own.issuer.key, [own.issuer.authority]),
    /no server certificate/
  ],
  [
    'another key than that of the leaf',
    () => signStatement(statement, { ...own.signer, key: other.signer.key }),
    /signature/
  ],
  [
    'other words',
    () =>
      bent((parts) => {
        parts[1] = encoded({ ...statement, server: 'https://evil.example:7443' })
      }),
    /signature/
  ],
  [
    'a text of another kind',
    () => signText('joinery-next-pin', statement, own.signer.key, [own.signer.certificate, own.signer.authority]),
    /no joinery-statement/
  ],
  [
    'a header that has more',
    () =>
      bent((parts) => {
        parts[0] = encoded({ ...header, kid: 'x' })
      }),
    /no joinery-statement/
  ],
  [
    'no algorithm',
    () =>
      bent((parts) => {
        parts[0] = encoded({ ...header, alg: 'none' })
      }),
    /alg/i
  ],
  [
    'a certificate with bytes behind it',
    () =>
      bent((parts) => {
        parts[0] = encoded({
          ...header,
          x5c: header.x5c.map((der: string) =>
            Buffer.concat([Buffer.from(der, 'base64'), Buffer.from([0])]).toString('base64')
          )
        })
      }),
    /not written as it should be|wrong|asn1|invalid/i
  ],
  [
    'words that are none of a statement',
    () => signStatement({ ...statement, apiEndpoint: 'a b' }, own.signer),
    /none that this program understands/
  ],
  [
    'an http address',
    () => signStatement({ ...statement, server: 'http://192.0.2.1' }, own.signer),
    /none that this program understands/
  ],
  ['a megabyte', () => 'a'.repeat(1_000_000), /too long/],
  ['nothing', () => '', /JWS/i]
]
t.test('nothing else opens', async (t) => {
  for (const [what, text, reason] of hostile)
    await t.rejects(openStatement(await text(), [own.pin]), { message: reason }, what)
})

t.test('a command ends a statement with its server certificate, an agent does not', async (t) => {
  const later = new Date(now.getTime() + 400 * day)
  await t.rejects(openStatement(signed, [own.pin], later), { message: /is valid from/ })
  await t.rejects(openStatement(signed, [own.pin], new Date(now.getTime() - 2 * day)), { message: /is valid from/ })
  t.match(await openStatement(signed, [own.pin]), { statement })
})

t.test('a statement of 17 servers fits, and one of long names is refused by its signer', async (t) => {
  const servers = (name: string) => Array.from({ length: 16 }, (_, at) => `https://${name}${at}.example.org:7443`)
  const text = await signStatement({ ...statement, servers: servers('join-') }, own.signer)
  t.comment(`${signed.length} characters with two servers, ${text.length} with 17`)
  t.match(await openStatement(text, [own.pin]), { pin: own.pin })
  await t.rejects(signStatement({ ...statement, servers: servers('a'.repeat(100)) }, own.signer), /at most 4096/)
})

t.test('the CA names the next pin, and nobody else does', async (t) => {
  const text = await signNextPin(other.pin, own.issuer)
  t.equal(await openNextPin(text, own.pin), other.pin)
  await t.rejects(openNextPin(text, other.pin), /by the CA with key/)
  await t.rejects(openNextPin(await signNextPin(other.pin, other.issuer), own.pin), /by the CA with key/)
  await t.rejects(
    openNextPin(await signNextPin(other.pin, { ...own.issuer, key: own.signer.key }), own.pin),
    /signature/
  )
  const byLeaf = await signText('joinery-next-pin', { next: other.pin }, own.signer.key, [
    own.signer.certificate,
    own.signer.authority
  ])
  await t.rejects(openNextPin(byLeaf, own.pin), /a CA alone/)
  await t.rejects(openNextPin(await signNextPin('sha256:1', own.issuer), own.pin), /no pin/)
  await t.rejects(openNextPin(signed, own.pin), /no joinery-next-pin/)
})
