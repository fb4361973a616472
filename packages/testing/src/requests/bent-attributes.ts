import type { BentPieces } from './bent-request.ts'
import { context, integer, objectIdentifier, octets, printable, sequence, setOf, utf8, value } from './der.ts'
import type { Pieces } from './signed-request.ts'

/** Requests with more beside the subject: extensions, alternative names, and other attributes. */
export const bentAttributes = (node: string, other: string): BentPieces[] => [
  ...ofClients(node, other).map(([what, pieces]) => ({ what: `with ${what}`, pieces })),
  ...ofServers(node, other)
]

const dns = (name: string): Buffer => value(0x82, Buffer.from(name, 'utf8'))
const ip = (...bytes: number[]): Buffer => value(0x87, Buffer.from(bytes))
const mail = (address: string): Buffer => value(0x81, Buffer.from(address))
const uri = (text: string): Buffer => value(0x86, Buffer.from(text))
const yes = value(0x01, Buffer.from([0xff]))
const no = value(0x01, Buffer.from([0x00]))

const extension = (dotted: string, content: Buffer, critical?: Buffer): Buffer =>
  sequence(objectIdentifier(dotted), ...(critical === undefined ? [] : [critical]), octets(content))
const names = (...of: Buffer[]): Buffer => extension('2.5.29.17', sequence(...of))
const authority = extension('2.5.29.19', sequence(yes), yes)

const extensionRequest = objectIdentifier('1.2.840.113549.1.9.14')
const asks = (...extensions: Buffer[]): Buffer => sequence(extensionRequest, setOf(sequence(...extensions)))
const challenge = sequence(objectIdentifier('1.2.840.113549.1.9.7'), setOf(printable('x')))
const unknown = sequence(objectIdentifier('1.3.6.1.4.1.99999.1'), setOf(utf8('x')))
const microsoft = sequence(objectIdentifier('1.3.6.1.4.1.311.2.1.14'), setOf(sequence(names(dns('x')))))
const withAttributes = (...attributes: Buffer[]): Pieces => ({ attributes: context(0, ...attributes) })

const ofClients = (node: string, other: string): [string, Pieces][] => [
  ['an alternative name', withAttributes(asks(names(dns(other))))],
  ['its own alternative name', withAttributes(asks(names(dns(node))))],
  ['an alternative name of another kind', withAttributes(asks(names(value(0x88, Buffer.from([0x2a])))))],
  ['a directory name', withAttributes(asks(names(context(4, sequence()))))],
  ['no alternative names in their list', withAttributes(asks(names()))],
  ['an authority', withAttributes(asks(authority))],
  ['an authority that is none', withAttributes(asks(extension('2.5.29.19', sequence(no))))],
  ['key usages', withAttributes(asks(extension('2.5.29.15', value(0x03, Buffer.from([2, 0x84])))))],
  ['an extension nobody knows', withAttributes(asks(extension('1.3.6.1.4.1.99999.1', utf8('x'))))],
  ['an extension nobody knows, critical', withAttributes(asks(extension('1.3.6.1.4.1.99999.1', utf8('x'), yes)))],
  [
    'an extension that says that it is not critical',
    withAttributes(asks(extension('1.3.6.1.4.1.99999.1', utf8('x'), no)))
  ],
  ['an empty list of extensions', withAttributes(asks())],
  ['two lists of extensions', withAttributes(asks(), asks())],
  ['a list of extensions without a value', withAttributes(sequence(extensionRequest, setOf()))],
  [
    'two values of one list',
    withAttributes(sequence(extensionRequest, setOf(sequence(), sequence(names(dns(other))))))
  ],
  ['a list that is no list', withAttributes(sequence(extensionRequest, setOf(utf8('x'))))],
  ['a challenge password', withAttributes(challenge)],
  ['two challenge passwords', withAttributes(challenge, challenge)],
  ['an attribute nobody knows', withAttributes(unknown)],
  ['attributes that are not sorted', withAttributes(unknown, challenge)],
  ['the attribute of another maker', withAttributes(microsoft)],
  ['an attribute without a value', withAttributes(sequence(objectIdentifier('1.2.840.113549.1.9.7'), setOf()))],
  ['an attribute that is no attribute', withAttributes(integer(1))],
  [
    'an attribute with a value that is no set',
    withAttributes(sequence(objectIdentifier('1.2.840.113549.1.9.7'), utf8('x')))
  ]
]

const ofServers = (node: string, other: string): BentPieces[] => {
  const address = ip(10, 0, 0, 7)
  const own = names(dns(node), address)
  const rows: [string, Pieces][] = [
    ['two lists of names', withAttributes(asks(own, names(dns(other))))],
    ['two lists of names, the foreign one first', withAttributes(asks(names(dns(other)), own))],
    ['two lists of extensions', withAttributes(asks(own), asks(names(dns(other))))],
    ['two lists of extensions, the foreign one first', withAttributes(asks(names(dns(other))), asks(own))],
    [
      'two values of one list',
      withAttributes(sequence(extensionRequest, setOf(sequence(own), sequence(names(dns(other))))))
    ],
    ['another authority', withAttributes(asks(own, authority))],
    ['names that are critical', withAttributes(asks(extension('2.5.29.17', sequence(dns(node), address), yes)))],
    [
      'names that say that they are not critical',
      withAttributes(asks(extension('2.5.29.17', sequence(dns(node), address), no)))
    ],
    ['a challenge password too', withAttributes(asks(own), challenge)],
    ['the attribute of another maker too', withAttributes(asks(own), microsoft)],
    ['a name with a NUL', withAttributes(asks(names(dns(`${node}\0.${other}`), address)))],
    ['a name with an umlaut', withAttributes(asks(names(dns(`${node}\u00fc`), address)))],
    ['an upper-case name', withAttributes(asks(names(dns(node.toUpperCase()), address)))],
    ['an empty name', withAttributes(asks(names(dns(''), address)))],
    ['all hosts', withAttributes(asks(names(dns('*'), address)))],
    ['an address as a name', withAttributes(asks(names(dns('10.0.0.7'), address)))],
    ['an address of three bytes', withAttributes(asks(names(dns(node), ip(10, 0, 7))))],
    ['an address and a mask', withAttributes(asks(names(dns(node), ip(10, 0, 0, 7, 255, 255, 255, 255))))],
    ['an e-mail address', withAttributes(asks(names(dns(node), mail('a@example.org'))))],
    ['a URI', withAttributes(asks(names(dns(node), uri('https://example.org'))))],
    ['a name of a kind nobody knows', withAttributes(asks(names(dns(node), value(0x88, Buffer.from([0x2a])))))],
    ['a name of a kind that is none', withAttributes(asks(names(dns(node), value(0x8a, Buffer.from('x')))))],
    ['names in a set', withAttributes(asks(extension('2.5.29.17', setOf(dns(node), address))))],
    [
      'a value behind the names',
      withAttributes(asks(extension('2.5.29.17', Buffer.concat([sequence(dns(node)), sequence(dns(other))]))))
    ]
  ]
  return [
    { what: 'to serve: as a kubelet asks', pieces: withAttributes(asks(own)), serving: true, granted: true },
    ...rows.map(([what, pieces]) => ({ what: `to serve: ${what}`, pieces, serving: true as const }))
  ]
}
