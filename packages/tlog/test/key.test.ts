import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { keyId, readSignerKey, readVerifierKey, signerKey, verifierKey } from '../src/index.ts'
import { codeOf, key, origin, privateKey } from './made-log.ts'

t.test('a verifier key of the specification is read, and written as it was', async (t) => {
  const text = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  const { name, id, key } = readVerifierKey(text)
  t.same({ name, id }, { name: 'example.com/foo', id: '530d903a' })
  t.equal(verifierKey(name, key), text)
})

t.test('a key is read as it was written, and the public one follows from the private one', async (t) => {
  const signer = readSignerKey(signerKey(origin, privateKey))
  t.equal(signer.name, origin)
  t.ok(signer.key.equals(privateKey))
  t.ok(readVerifierKey(key).key.equals(createPublicKey(privateKey)))
  t.equal(verifierKey(origin, createPublicKey(privateKey)), key)
  t.equal(keyId(origin, privateKey), readVerifierKey(key).id)
})

t.test('many keys are read as they were written: their base64 may have a plus itself', async (t) => {
  let withPlus = 0
  for (let seed = 0; seed < 64; seed += 1) {
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)])
    const one = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const text = verifierKey(origin, one)
    if (text.split('+').length > 3) withPlus += 1
    if (verifierKey(origin, readVerifierKey(text).key) !== text) t.fail(text)
    if (!readSignerKey(signerKey(origin, one)).key.equals(one)) t.fail(text)
  }
  t.ok(withPlus > 0)
})

t.test('one key under two names has two ids', async (t) => {
  t.not(keyId('example.com/a', privateKey), keyId('example.com/b', privateKey))
})

t.test('a text that is no key is refused', async (t) => {
  const [name = '', id = '', ...rest] = key.split('+')
  const encoded = rest.join('+')
  const ecdsa = `${name}+${id}+${Buffer.concat([Buffer.of(2), Buffer.alloc(32, 1)]).toString('base64')}`
  const texts: [what: string, text: string][] = [
    ['nothing', ''],
    ['a name', name],
    ['no key', `${name}+${id}+`],
    ['no name', `+${id}+${encoded}`],
    ['another name', `${name}x+${id}+${encoded}`],
    ['another id', `${name}+00000000+${encoded}`],
    ['an id in capitals', `${name}+${id.toUpperCase()}A+${encoded}`],
    ['a name with a space', `a b+${id}+${encoded}`],
    ['another kind of key', ecdsa],
    ['a key that is cut', `${name}+${id}+${encoded.slice(0, -4)}`],
    ['a key that is longer', `${key}AAAA`],
    ['padding', `${key}=`],
    ['a newline after it', `${key}\n`],
    ['a space before it', ` ${key}`],
    ['a very long text', `${name}+${id}+${'A'.repeat(10_000)}`]
  ]
  for (const [what, text] of texts) {
    t.equal(await codeOf(() => readVerifierKey(text)), 'key-malformed', what)
    t.equal(await codeOf(() => readSignerKey(`PRIVATE+KEY+${text}`)), 'key-malformed', `private: ${what}`)
  }
  t.equal(await codeOf(() => readSignerKey(key)), 'key-malformed', 'a public key is no private one')
  t.equal(await codeOf(() => readVerifierKey(signerKey(origin, privateKey))), 'key-malformed')
})

t.test('the error about a private key says nothing of it', async (t) => {
  const secret = signerKey(origin, privateKey)
  t.throws(() => readSignerKey(`${secret} `), {
    message: /^this is no key of a log: name\+id\+key, with the id of that/
  })
})

t.test('a name that a note cannot have has no key', async (t) => {
  for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\tb', 'a\u00a0b', 'a\u2003b', 'a\u0085b', 'a\u0000b', '\ud800']) {
    t.equal(await codeOf(() => verifierKey(name, privateKey)), 'key-malformed', JSON.stringify(name))
    t.equal(await codeOf(() => signerKey(name, privateKey)), 'key-malformed', JSON.stringify(name))
  }
})

t.test('a key that is none of Ed25519 is refused', async (t) => {
  const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  t.equal(await codeOf(() => verifierKey(origin, other)), 'key-malformed')
  t.equal(await codeOf(() => signerKey(origin, other)), 'key-malformed')
})
