import type { BentRequest } from './bent-request.ts'
import { pemOf, signedRequest } from './signed-request.ts'

/** Texts with bent PEM around well-made requests: one request, or two for different nodes. */
export const bentTexts = (node: string, other: string): BentRequest[] => {
  const [own, foreign] = [signedRequest(node), signedRequest(other)]
  const [one, two] = [pemOf(own), pemOf(foreign)]
  return [
    { what: 'as a kubelet sends it', pem: one, granted: true },
    { what: 'without a newline at the end', pem: one.slice(0, -1), granted: true },
    ...singles(own, one).map(([what, pem]) => ({ what, pem })),
    ...pairs(one, two).map(([what, pem]) => ({ what: `two requests: ${what}`, pem })),
    ...pairs(two, one).map(([what, pem]) => ({ what: `two requests, the foreign one first: ${what}`, pem }))
  ]
}

const singles = (der: Buffer, pem: string): [string, string][] => {
  const lines = pem.split('\n')
  const [begin = '', ...rest] = lines
  const inside = (...more: string[]) => [begin, ...more, ...rest].join('\n')
  const base64 = der.toString('base64')
  const around = (body: string) => `${begin}\n${body}\n-----END CERTIFICATE REQUEST-----\n`
  return [
    ['words before', `some words\n${pem}`],
    ['an empty line before', `\n${pem}`],
    ['a CRLF before', `\r\n${pem}`],
    ['words behind', `${pem}some words\n`],
    ['an empty line behind', `${pem}\n`],
    ['a space behind', `${pem} `],
    ['a NUL behind', `${pem}\0`],
    ['a byte order mark', `\ufeff${pem}`],
    ['a byte order mark on a line of its own', `\ufeff\n${pem}`],
    ['CRLF', pem.replaceAll('\n', '\r\n')],
    ['CRLF once', pem.replace('\n', '\r\n')],
    ['CRLF at the end', pem.replace(/\n$/, '\r\n')],
    ['CR alone', pem.replaceAll('\n', '\r')],
    ['a space behind BEGIN', inside().replace('\n', ' \n')],
    ['a tab behind BEGIN', inside().replace('\n', '\t\n')],
    ['a space behind END', pem.replace(/\n$/, ' \n')],
    ['a space before END', pem.replace('-----END', ' -----END')],
    ['a space in each line', pem.replaceAll('M', 'M ')],
    ['a tab in each line', pem.replaceAll('M', 'M\t')],
    ['an empty line inside', inside('')],
    ['two empty lines inside', inside('', '')],
    ['a header', inside('Name: system:node:x', '')],
    ['two headers', inside('A: b', 'C: d', '')],
    ['a header without an empty line', inside('A: b')],
    ['a header that goes on', inside('A: b', ' c', '')],
    ['a header of encryption', inside('Proc-Type: 4,ENCRYPTED', '')],
    ['the label of an old OpenSSL', pem.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')],
    ['the label of a certificate', pem.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')],
    ['a label in small letters', pem.replaceAll('CERTIFICATE REQUEST', 'certificate request')],
    ['another label at the end', pem.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE')],
    ['no end', pem.slice(0, pem.indexOf('-----END'))],
    ['four dashes', pem.replace('-----BEGIN', '----BEGIN')],
    ['six dashes', pem.replace('-----BEGIN', '------BEGIN')],
    ['64 columns and one', pemOf(der, undefined, 65)],
    ['76 columns', pemOf(der, undefined, 76)],
    ['one line', pemOf(der, undefined, 10_000)],
    ['a letter a line', pemOf(der, undefined, 1)],
    ['without padding', around(base64.replaceAll('=', ''))],
    ['with more padding', around(`${base64}====`)],
    ['bytes behind the request', pemOf(Buffer.concat([der, Buffer.from('more')]))],
    ['zeros behind the request', pemOf(Buffer.concat([der, Buffer.alloc(16)]))],
    ['the request twice in one block', pemOf(Buffer.concat([der, der]))],
    ['nothing in the block', pemOf(Buffer.alloc(0))],
    ['base64 alone', base64],
    ['a block of another kind before', `${pemOf(Buffer.from([0x30, 0]), 'PUBLIC KEY')}${pem}`],
    ['a block of another kind behind', `${pem}${pemOf(Buffer.from([0x30, 0]), 'PUBLIC KEY')}`]
  ]
}

/** Texts with two blocks. Each parser takes the first block that it sees, but parsers may see different ones. */
const pairs = (first: string, second: string): [string, string][] => [
  ['one behind the other', `${first}${second}`],
  ['with an empty line between', `${first}\n${second}`],
  ['a letter before the first', `x${first}${second}`],
  ['a space before the first', ` ${first}${second}`],
  ['a tab before the first', `\t${first}${second}`],
  ['words before the first, on its line', `see: ${first}${second}`],
  ['a byte order mark before the first', `\ufeff${first}${second}`],
  ['a NUL before the first', `\0${first}${second}`],
  ['CR alone before the first', `x\r${first}${second}`],
  ['a line separator before the first', `x\u2028${first}${second}`],
  ['a form feed before the first', `\f${first}${second}`],
  ['the first with a space behind BEGIN', `${first.replace('\n', ' \n')}${second}`],
  ['the first with a letter behind BEGIN', `${first.replace('\n', 'x\n')}${second}`],
  ['the first with CR alone', `${first.replaceAll('\n', '\r')}\n${second}`],
  ['the first without an end', `${first.slice(0, first.indexOf('-----END'))}${second}`],
  ['the first without a beginning', `${first.slice(first.indexOf('\n') + 1)}${second}`],
  ['the first with another end', `${first.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE')}${second}`],
  ['the first with bad base64', `${first.replace('M', '*')}${second}`],
  ['the first with four dashes', `${first.replace('-----BEGIN', '----BEGIN')}${second}`],
  ['the first with six dashes', `${first.replace('-----BEGIN', '------BEGIN')}${second}`],
  ['the first under another label', `${first.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')}${second}`],
  ['the first in small letters', `${first.replaceAll('CERTIFICATE REQUEST', 'certificate request')}${second}`],
  ['the second inside the first', first.replace('\n', `\n${second}`)],
  ['the second as a header of the first', first.replace('\n', `\nA: ${second.replaceAll('\n', ' ')}\n\n`)],
  ['the first in one line before the second', `${first.replaceAll('\n', ' ')}\n${second}`]
]
