import { createHash, generateKeyPairSync, generatePrimeSync } from 'node:crypto'
import {
  bits,
  context,
  integer,
  objectIdentifier,
  octets,
  sequence,
  setOf,
  utf8,
  value
} from '@joinery/testing/requests/der'

/**
 * Key and PEM of a client certificate with so many issuers above it. Each issuer has an RSA key of some 8,190 bits with an
 * exponent of 64 bits, the most that OpenSSL takes. What it costs to verify follows from the size of modulus and exponent
 * alone: so all issuers share one key, and that is made of 32 small primes, which takes milliseconds instead of minutes.
 */
export const longChain = (issuers: number): { key: string; cert: string } => {
  const rsa = rsaKey(8192, 32)
  const leaf = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const leafKey = leaf.publicKey.export({ type: 'spki', format: 'der' })
  const chain = [certificate('leaf', 'issuer-1', leafKey, rsa)]
  while (chain.length <= issuers) {
    const own = chain.length
    const above = own === issuers ? own : own + 1
    chain.push(certificate(`issuer-${own}`, `issuer-${above}`, rsa.spki, rsa))
  }
  return { key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, cert: chain.join('') }
}

interface RsaKey {
  /** DER SubjectPublicKeyInfo. */
  spki: Buffer
  /** PKCS#1 v1.5 with SHA-256. */
  sign(data: Buffer): Buffer
}

/** The largest prime of 64 bits. */
const exponent = 2n ** 64n - 59n

const rsaKey = (size: number, primes: number): RsaKey => {
  const factors = Array.from({ length: primes }, () => generatePrimeSync(size / primes, { bigint: true }))
  const modulus = factors.reduce((product, factor) => product * factor)
  // by the Chinese remainder theorem: a power in each factor is cheap
  const parts = factors.map((factor) => {
    const others = modulus / factor
    return { factor, power: inverse(exponent, factor - 1n), share: others * inverse(others, factor) }
  })
  const length = Math.ceil(modulus.toString(16).length / 2)
  const sign = (data: Buffer): Buffer => {
    const hash = sequence(sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), none), octets(digest(data)))
    const padding = Buffer.alloc(length - hash.length - 3, 0xff)
    const message = numberOf(Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), hash]))
    const signature = parts.reduce((sum, { factor, power, share }) => sum + raised(message, power, factor) * share, 0n)
    return bytesOf(signature % modulus, length)
  }
  const publicKey = sequence(natural(modulus), natural(exponent))
  const algorithm = sequence(objectIdentifier('1.2.840.113549.1.1.1'), none)
  return { spki: sequence(algorithm, bits(publicKey)), sign }
}

const digest = (data: Buffer): Buffer => createHash('sha256').update(data).digest()

const certificate = (subject: string, issuer: string, spki: Buffer, signer: RsaKey): string => {
  const sha256WithRsa = sequence(objectIdentifier('1.2.840.113549.1.1.11'), none)
  const year = 365 * 24 * 3600 * 1000
  const validity = sequence(time(new Date(Date.now() - year)), time(new Date(Date.now() + year)))
  const isAuthority = sequence(objectIdentifier('2.5.29.19'), octets(sequence(value(0x01, Buffer.from([0xff])))))
  const toBeSigned = sequence(
    context(0, integer(2)),
    integer(1),
    sha256WithRsa,
    name(issuer),
    validity,
    name(subject),
    spki,
    context(3, sequence(isAuthority))
  )
  const der = sequence(toBeSigned, sha256WithRsa, bits(signer.sign(toBeSigned)))
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}

const name = (commonName: string): Buffer => sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8(commonName))))

const time = (at: Date): Buffer => value(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))

const none = value(0x05)

/** Of a positive number: a first bit that is set would make it negative. */
const natural = (of: bigint): Buffer => {
  const bytes = bytesOf(of, Math.ceil(of.toString(16).length / 2))
  return integer(...((bytes[0] ?? 0) >= 0x80 ? [0] : []), ...bytes)
}

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)
const bytesOf = (of: bigint, length: number): Buffer => Buffer.from(of.toString(16).padStart(length * 2, '0'), 'hex')

const raised = (base: bigint, power: bigint, modulus: bigint): bigint => {
  let result = 1n
  for (let [square, rest] = [base % modulus, power]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** Of numbers that share no factor. */
const inverse = (value: bigint, modulus: bigint): bigint => {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n]
  while (b > 0n) {
    const times = a / b
    ;[a, b] = [b, a - times * b]
    ;[x, y] = [y, x - times * y]
  }
  return ((x % modulus) + modulus) % modulus
}
