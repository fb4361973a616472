import type { BentPieces } from './bent-request.ts'
import {
  bits,
  context,
  indefinite,
  integer,
  longValue,
  objectIdentifier,
  printable,
  sequence,
  setOf,
  utf8,
  value
} from './der.ts'
import { commonName, ecdsaWithSha256, nodeSubject, organization, type Pieces, rdn, spki } from './signed-request.ts'

/** Requests with BER where DER is wanted, and with DER that is not as short, or not of the shape, that it must be. */
export const bentEncodings = (node: string): BentPieces[] => [...lengths(node), ...values(node)]

/** Writes a value with the same tag and content, but with its length in another form. */
type Wrap = (tag: number, content: Buffer) => Buffer

const wraps: [string, Wrap][] = [
  ['an open length', (tag, content) => indefinite(tag, content)],
  ['a length of one byte too many', (tag, content) => longValue(tag, 1, content)],
  ['a length of four bytes too many', (tag, content) => longValue(tag, 4, content)]
]

const lengths = (node: string): BentPieces[] =>
  wraps.flatMap(([how, wrap]) =>
    Object.entries(places(node, wrap)).map(([where, pieces]) => ({ what: `${how} of ${where}`, pieces }))
  )

const places = (node: string, wrap: Wrap): Record<string, Pieces> => {
  const [nodes, own] = [printable('system:nodes'), `system:node:${node}`]
  const named = (name: Buffer) => sequence(rdn(organization, nodes), name)
  return {
    'the whole': { whole: (...parts) => wrap(0x30, Buffer.concat(parts)) },
    'what is signed': { info: (...parts) => wrap(0x30, Buffer.concat(parts)) },
    'the version': { version: wrap(0x02, Buffer.from([0])) },
    'the subject': { subject: wrap(0x30, contentOf(nodeSubject(node))) },
    'a part of the subject': { subject: named(wrap(0x31, sequence(commonName, printable(own)))) },
    'an attribute of the subject': { subject: named(setOf(wrap(0x30, Buffer.concat([commonName, printable(own)])))) },
    'the type of an attribute': { subject: named(setOf(sequence(wrap(0x06, contentOf(commonName)), printable(own)))) },
    'the common name': { subject: named(rdn(commonName, wrap(0x13, Buffer.from(own)))) },
    'the public key': { publicKey: wrap(0x30, spki.subarray(2)) },
    "the key's algorithm": {
      publicKey: sequence(wrap(0x30, spki.subarray(4, 23)), spki.subarray(23))
    },
    'the attributes': { attributes: wrap(0xa0, Buffer.alloc(0)) },
    'the algorithm': { algorithm: wrap(0x30, contentOf(ecdsaWithSha256)) },
    'the signature': { signature: (raw) => wrap(0x03, Buffer.concat([Buffer.from([0]), raw])) }
  }
}

const contentOf = (der: Buffer): Buffer => der.subarray(2)

const values = (node: string): BentPieces[] => {
  const name = `system:node:${node}`
  const nodes = rdn(organization, printable('system:nodes'))
  const of = (typed: Buffer) => ({ subject: sequence(nodes, rdn(commonName, typed)) })
  const bent: [string, Pieces][] = [
    ['version 1', { version: integer(1) }],
    ['version 2', { version: integer(2) }],
    ['version -1', { version: integer(0xff) }],
    ['version 2^31', { version: integer(0, 0x80, 0, 0, 0) }],
    ['a version with a zero too many', { version: integer(0, 0) }],
    ['a version with a sign too many', { version: integer(0xff, 0xff) }],
    ['an empty version', { version: integer() }],
    ['a version that is a boolean', { version: value(0x01, Buffer.from([0])) }],
    ['a version that is an enumeration', { version: value(0x0a, Buffer.from([0])) }],
    ['two versions', { version: Buffer.concat([integer(0), integer(0)]) }],
    ['no version', { version: Buffer.alloc(0) }],
    [
      'an object identifier with a zero too many',
      { subject: sequence(nodes, setOf(sequence(value(0x06, Buffer.from([0x55, 0x04, 0x80, 0x03])), printable(name)))) }
    ],
    [
      'an object identifier that does not end',
      { subject: sequence(nodes, setOf(sequence(value(0x06, Buffer.from([0x55, 0x04, 0x83])), printable(name)))) }
    ],
    ['an empty object identifier', { subject: sequence(nodes, setOf(sequence(value(0x06), printable(name)))) }],
    ['a common name in pieces', of(value(0x33, printable(name.slice(0, 4)), printable(name.slice(4))))],
    ['a common name in pieces of UTF-8', of(value(0x2c, utf8(name.slice(0, 4)), utf8(name.slice(4))))],
    ['a signature in pieces', { signature: (raw) => value(0x23, bits(raw.subarray(0, 20)), bits(raw.subarray(20))) }],
    ['a signature with unused bits', { signature: (raw) => bits(Buffer.concat([raw, Buffer.from([0])]), 7) }],
    ['a value behind the signature', { whole: (...parts) => sequence(...parts, integer(0)) }],
    ['a value behind the attributes', { info: (...parts) => sequence(...parts, integer(0)) }],
    ['attributes twice', { info: (...parts) => sequence(...parts, context(0)) }],
    ['other tagged attributes behind', { info: (...parts) => sequence(...parts, context(1)) }],
    ['no attributes at all', { attributes: Buffer.alloc(0) }],
    ['attributes as a set', { attributes: setOf() }],
    ['attributes under a long tag', { attributes: Buffer.from([0xbf, 0x00, 0x00]) }],
    ['attributes that are primitive', { attributes: value(0x80) }],
    ['a subject that is a set', { subject: value(0x31, nodes, rdn(commonName, printable(name))) }],
    ['the key with a value behind it', { publicKey: sequence(spki.subarray(2), integer(0)) }],
    ['the key with unused bits', { publicKey: sequence(spki.subarray(2, 23), bits(spki.subarray(26), 1)) }],
    ['an application tag for the whole', { whole: (...parts) => value(0x60, ...parts) }],
    [
      'an end of contents behind the whole',
      { whole: (...parts) => Buffer.concat([sequence(...parts), Buffer.from([0, 0])]) }
    ]
  ]
  const ecdsa = objectIdentifier('1.2.840.10045.4.3.2')
  return [
    ...bent.map(([what, pieces]) => ({ what, pieces })),
    // nobody reads this part
    { what: 'an algorithm with a NULL', pieces: { algorithm: sequence(ecdsa, value(0x05)) }, granted: true },
    { what: 'an algorithm with a value', pieces: { algorithm: sequence(ecdsa, integer(1)) }, granted: true }
  ]
}
