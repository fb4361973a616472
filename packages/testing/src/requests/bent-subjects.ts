import type { BentPieces } from './bent-request.ts'
import { integer, objectIdentifier, printable, sequence, setOf, utf8, value } from './der.ts'
import { commonName, organization, rdn } from './signed-request.ts'

/**
 * Requests with bent subjects: the kinds of strings, how attributes are put together, and names that look like each
 * other.
 */
export const bentSubjects = (node: string, other: string): BentPieces[] => [
  ...strings(node, other),
  ...shapes(node, other),
  ...lookalikes(node)
]

const nodes = rdn(organization, printable('system:nodes'))
const attribute = (type: Buffer, text: Buffer): Buffer => sequence(type, text)
const subjectOf = (...parts: Buffer[]) => ({ pieces: { subject: sequence(...parts) } })

/** ASN.1's tags of strings, and other tags that Go accepts for an attribute. */
const kinds: [string, number][] = [
  ['UTF8String', 0x0c],
  ['PrintableString', 0x13],
  ['T61String', 0x14],
  ['IA5String', 0x16],
  ['NumericString', 0x12],
  ['VideotexString', 0x15],
  ['GraphicString', 0x19],
  ['VisibleString', 0x1a],
  ['GeneralString', 0x1b],
  ['UniversalString', 0x1c],
  ['BMPString', 0x1e],
  ['UTCTime', 0x17],
  ['OCTET STRING', 0x04],
  ['a context tag', 0x80]
]

const wide = (text: string, bytes: 2 | 4): Buffer =>
  Buffer.concat([...text].map((letter) => Buffer.concat([Buffer.alloc(bytes - 1), Buffer.from(letter, 'latin1')])))

const encoded = (tag: number, text: string): Buffer => {
  if (tag === 0x1e) return wide(text, 2)
  return tag === 0x1c ? wide(text, 4) : Buffer.from(text, 'latin1')
}

const strings = (node: string, other: string): BentPieces[] => {
  const [name, foreign] = [`system:node:${node}`, `system:node:${other}`]
  const own = rdn(commonName, printable(name))
  return kinds.flatMap(([kind, tag]) => {
    const typed = (text: string) => value(tag, encoded(tag, text))
    const same = { granted: true } as const
    const plain = tag === 0x0c || tag === 0x13 ? same : {}
    return [
      { what: `the common name as ${kind}`, ...subjectOf(nodes, rdn(commonName, typed(name))), ...plain },
      { what: `the organization as ${kind}`, ...subjectOf(rdn(organization, typed('system:nodes')), own), ...plain },
      { what: `a second common name as ${kind}`, ...subjectOf(nodes, own, rdn(commonName, typed(foreign))) },
      { what: `a second organization as ${kind}`, ...subjectOf(nodes, own, rdn(organization, typed('system:masters'))) }
    ]
  })
}

const shapes = (node: string, other: string): BentPieces[] => {
  const [name, foreign] = [printable(`system:node:${node}`), printable(`system:node:${other}`)]
  const [own, another] = [rdn(commonName, name), rdn(commonName, foreign)]
  const [o, cn, cn2] = [
    attribute(organization, printable('system:nodes')),
    attribute(commonName, name),
    attribute(commonName, foreign)
  ]
  const unit = (dotted: string, text: Buffer) => rdn(objectIdentifier(dotted), text)
  return [
    { what: 'common name first', ...subjectOf(own, nodes), granted: true },
    { what: 'one part with both', ...subjectOf(setOf(cn, o)) },
    { what: 'one part with both, not sorted', ...subjectOf(setOf(o, cn)) },
    { what: 'one part with two names', ...subjectOf(nodes, setOf(cn, cn2)) },
    { what: 'one part with two names, the foreign one first', ...subjectOf(nodes, setOf(cn2, cn)) },
    { what: 'the foreign name first', ...subjectOf(nodes, another, own) },
    { what: 'the foreign name last', ...subjectOf(nodes, own, another) },
    { what: 'the foreign name before all', ...subjectOf(another, nodes, own) },
    { what: 'the name twice', ...subjectOf(nodes, own, own) },
    { what: 'the organization twice', ...subjectOf(nodes, nodes, own) },
    { what: 'no organization', ...subjectOf(own) },
    { what: 'no name', ...subjectOf(nodes) },
    { what: 'no subject', ...subjectOf() },
    { what: 'an empty part', ...subjectOf(nodes, setOf(), own) },
    { what: 'a part that is a sequence', ...subjectOf(nodes, sequence(cn)) },
    { what: 'an attribute with three values', ...subjectOf(nodes, setOf(sequence(commonName, name, foreign))) },
    { what: 'an attribute without a value', ...subjectOf(nodes, own, setOf(sequence(commonName))) },
    { what: 'a common name that is a sequence', ...subjectOf(nodes, own, rdn(commonName, sequence(foreign))) },
    { what: 'a common name that is a set', ...subjectOf(nodes, own, rdn(commonName, setOf(foreign))) },
    { what: 'a common name that is a number', ...subjectOf(nodes, own, rdn(commonName, integer(1))) },
    { what: 'a common name that is NULL', ...subjectOf(nodes, own, rdn(commonName, value(0x05))) },
    { what: 'an empty common name behind', ...subjectOf(nodes, own, rdn(commonName, printable(''))) },
    { what: 'an empty organization behind', ...subjectOf(nodes, own, rdn(organization, printable(''))) },
    ...(
      [
        ['a unit', '2.5.4.11'],
        ['a country', '2.5.4.6'],
        ['a serial number', '2.5.4.5'],
        ['a street', '2.5.4.9'],
        ['an e-mail address', '1.2.840.113549.1.9.1'],
        ['a domain component', '0.9.2342.19200300.100.1.25'],
        ['a user id', '0.9.2342.19200300.100.1.1'],
        ['an attribute nobody knows', '1.3.6.1.4.1.99999.1']
      ] as const
    ).map(([what, dotted]) => ({ what, ...subjectOf(unit(dotted, utf8('DE')), nodes, own) }))
  ]
}

/** Subjects whose names look like the name of the node, but differ from it in exact bytes. */
const lookalikes = (node: string): BentPieces[] => {
  const name = `system:node:${node}`
  const texts: [string, string][] = [
    ['a NUL behind', `${name}\0`],
    ['a NUL and another name behind', `${name}\0.example.org`],
    ['a NUL before', `\0${name}`],
    ['a space behind', `${name} `],
    ['a space before', ` ${name}`],
    ['a newline behind', `${name}\n`],
    ['a newline and another name', `${name}\nCN=system:node:x`],
    ['a comma and another name', `${name},CN=system:node:x`],
    ['a plus and another name', `${name}+O=system:masters`],
    ['a slash and another name', `${name}/CN=system:node:x`],
    ['a backslash', `system:node:\\${node}`],
    ['a dot behind', `${name}.`],
    ['an asterisk', 'system:node:*'],
    ['an ampersand', `${name}&`],
    ['an upper-case name', `system:node:${node.toUpperCase()}`],
    ['an upper-case prefix', `System:Node:${node}`],
    ['a Cyrillic letter', name.replace('e', '\u0435')],
    ['a full-width letter', name.replace('n', '\uff4e')],
    ['a Kelvin sign', name.replace('k', '\u212a')],
    ['a dotless i', `${name}\u0131`],
    ['a combining accent', `${name}\u0301`],
    ['a zero-width space', `${name}\u200b`],
    ['a soft hyphen', `${name}\u00ad`],
    ['a right-to-left override', `system:node:\u202e${[...node].reverse().join('')}`],
    ['a byte order mark', `\ufeff${name}`],
    ['an emoji', `${name}\u{1f600}`],
    ['a letter too many', `${name}0`],
    ['a letter too few', name.slice(0, -1)],
    ['the prefix alone', 'system:node:'],
    ['no prefix', node],
    ['the prefix twice', `system:node:${name}`]
  ]
  const bytes: [string, Buffer][] = [
    ['bad UTF-8', value(0x0c, Buffer.from(name), Buffer.from([0xff]))],
    ['UTF-8 that is too long', value(0x0c, Buffer.from('system:node:'), Buffer.from([0xc1, 0xa1]))],
    ['a surrogate in UTF-8', value(0x0c, Buffer.from(name), Buffer.from([0xed, 0xa0, 0x80]))],
    ['an asterisk as PrintableString', printable(`${name}*`)],
    ['an ampersand as PrintableString', printable(`${name}&`)],
    ['an underscore as PrintableString', printable(`${name}_`)],
    ['Latin-1 as T61String', value(0x14, Buffer.from(`${name}\u00e9`, 'latin1'))],
    [
      'an odd number of bytes as BMPString',
      value(0x1e, Buffer.from(`${name}xyz`.slice(0, -(name.length % 2 === 0 ? 0 : 1))))
    ]
  ]
  return [
    ...texts.map(([what, text]) => ({ what: `${what} of the name`, ...subjectOf(nodes, rdn(commonName, utf8(text))) })),
    ...bytes.map(([what, text]) => ({ what: `${what} in the name`, ...subjectOf(nodes, rdn(commonName, text)) })),
    {
      what: 'another case of the organization',
      ...subjectOf(rdn(organization, utf8('System:Nodes')), rdn(commonName, utf8(name)))
    },
    {
      what: 'a NUL behind the organization',
      ...subjectOf(rdn(organization, utf8('system:nodes\0')), rdn(commonName, utf8(name)))
    }
  ]
}
