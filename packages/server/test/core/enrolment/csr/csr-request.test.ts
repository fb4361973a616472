import { setImmediate } from 'node:timers/promises'
import { longestRequest } from '@joinery/protocol'
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
} from '@joinery/testing/requests/der'
import { realRequests } from '@joinery/testing/requests/real-requests'
import {
  commonName,
  nodeSubject,
  organization,
  type Pieces,
  pemOf,
  rdn,
  signedRequest,
  spki
} from '@joinery/testing/requests/signed-request'
import t from 'tap'
import { isCanonicalDer } from '../../../../src/core/enrolment/csr/canonical-der.ts'
import { parseCsrRequest, readAhead } from '../../../../src/core/enrolment/csr/csr-request.ts'

const own = pemOf(signedRequest('worker-1'))
const other = pemOf(signedRequest('cp-1'))
const nodes = rdn(organization, printable('system:nodes'))
const worker = rdn(commonName, printable('system:node:worker-1'))

t.test('the requests of Go and of OpenSSL are read', async (t) => {
  for (const [by, pem] of realRequests) {
    const expected = {
      commonNames: ['system:node:worker-1'],
      organizations: ['system:nodes'],
      otherSubject: { length: 0 },
      hasAttributes: by.includes('with a host name')
    }
    t.match(parseCsrRequest(pem), expected, by)
    t.match(parseCsrRequest(pem.slice(0, -1)), expected, `${by}, without a newline at the end`)
  }
  t.match(parseCsrRequest(own), { commonNames: ['system:node:worker-1'] }, 'of the generator of these tests')
  const [, , [, withNames] = ['', '']] = realRequests
  t.match(parseCsrRequest(withNames)?.alternativeNames, [
    { type: 'dns', value: 'worker-1' },
    { type: 'ip', value: '10.0.0.7' },
    { type: 'ip', value: '2001:db8::7' }
  ])
})

t.test('a request is one PEM block and nothing else', async (t) => {
  const [head = '', ...lines] = own.split('\n')
  const body = own.replace(/-----.*-----\n/g, '')
  const texts: [string, string][] = [
    ['another request behind a letter before the first', `x${own}${other}`],
    ['another request behind a space before the first', ` ${own}${other}`],
    ['another request behind words before the first', `a request: ${own}${other}`],
    ['two requests', own + other],
    ['the same request twice', own + own],
    ['words before', `words\n${own}`],
    ['an empty line before', `\n${own}`],
    ['words behind', `${own}words\n`],
    ['two newlines at the end', `${own}\n`],
    ['CRLF', own.replaceAll('\n', '\r\n')],
    ['one CR', own.replace('\n', '\r\n')],
    ['CR alone', own.replaceAll('\n', '\r')],
    ['a space at the end of a line', own.replace('\n', ' \n')],
    ['a header', [head, 'a: b', '', ...lines].join('\n')],
    ['76 columns', pemOf(signedRequest('worker-1'), undefined, 76)],
    ['63 columns', pemOf(signedRequest('worker-1'), undefined, 63)],
    ['one line', pemOf(signedRequest('worker-1'), undefined, 10_000)],
    ['another label', pemOf(signedRequest('worker-1'), 'NEW CERTIFICATE REQUEST')],
    ['lower case', pemOf(signedRequest('worker-1'), 'certificate request')],
    ['base64 alone', body],
    ['hex', signedRequest('worker-1').toString('hex')],
    ['the alphabet of URLs', own.replace(body, body.replaceAll('+', '-').replaceAll('/', '_').concat('-'))],
    ['bits behind the last byte', pemOf(Buffer.concat([signedRequest('worker-1'), Buffer.from([0])]))],
    ['a byte order mark', `\ufeff${own}`],
    ['a NUL behind', `${own}\0`],
    ['an empty block', pemOf(Buffer.alloc(0))],
    ['no end', own.slice(0, -20)],
    ['nothing', ''],
    ['a newline', '\n']
  ]
  for (const [what, text] of texts) t.equal(parseCsrRequest(text), undefined, what)
})

t.test('a request is canonical DER', async (t) => {
  const bent: [string, Pieces][] = [
    ['open length of the whole', { whole: (...parts) => indefinite(0x30, ...parts) }],
    ['open length of what is signed', { info: (...parts) => indefinite(0x30, ...parts) }],
    ['open length of the subject', { subject: indefinite(0x30, nodes, worker) }],
    ['open length of the attributes', { attributes: indefinite(0xa0) }],
    ['a long length of the whole', { whole: (...parts) => longValue(0x30, 1, ...parts) }],
    ['a long length of the subject', { subject: longValue(0x30, 0, nodes, worker) }],
    ['a long length of a name', { subject: sequence(nodes, rdn(commonName, longValue(0x0c, 1, Buffer.from('x')))) }],
    ['a long version', { version: integer(0, 0) }],
    ['no version', { version: Buffer.alloc(0) }],
    ['version 1', { version: integer(1) }],
    [
      'a long object identifier',
      { subject: sequence(nodes, rdn(value(0x06, Buffer.from([0x55, 4, 0x80, 3])), utf8('x'))) }
    ],
    ['something behind the signature', { whole: (...parts) => sequence(...parts, integer(0)) }],
    ['something behind the attributes', { info: (...parts) => sequence(...parts, context(1)) }],
    ['attributes twice', { info: (...parts) => sequence(...parts, context(0)) }],
    ['no attributes', { attributes: Buffer.alloc(0) }],
    ['unused bits of the signature', { signature: (raw) => bits(Buffer.concat([raw, Buffer.from([1])]), 1) }],
    ['a constructed string', { subject: sequence(nodes, rdn(commonName, value(0x2c, utf8('system:node:worker-1')))) }],
    ['a constructed signature', { signature: (raw) => value(0x23, value(0x03, Buffer.from([0]), raw)) }],
    ['a tag of two bytes', { attributes: value(0xbf, Buffer.from([0x20])) }],
    ['an application tag', { version: value(0x42, Buffer.from([0])) }],
    [
      'two attributes in one part',
      { subject: sequence(setOf(sequence(organization, printable('system:nodes')), sequence(commonName, utf8('x')))) }
    ],
    [
      'an unsorted part',
      { subject: sequence(setOf(sequence(organization, utf8('b')), sequence(commonName, utf8('a')))) }
    ],
    ['an empty part', { subject: sequence(nodes, setOf(), worker) }],
    ['a name of another kind', { subject: sequence(nodes, rdn(commonName, sequence(utf8('system:node:worker-1')))) }],
    ['a number for a name', { subject: sequence(nodes, rdn(commonName, integer(1))) }],
    ['bad UTF-8', { subject: sequence(nodes, rdn(commonName, value(0x0c, Buffer.from([0x61, 0xff])))) }],
    ['a long UTF-8', { subject: sequence(nodes, rdn(commonName, value(0x0c, Buffer.from([0xc1, 0xa1])))) }],
    ['no printable string', { subject: sequence(nodes, rdn(commonName, value(0x13, Buffer.from('a*b')))) }]
  ]
  const kinds = { T61: 0x14, IA5: 0x16, visible: 0x1a, general: 0x1b, numeric: 0x12, BMP: 0x1e, universal: 0x1c }
  for (const [kind, tag] of Object.entries(kinds)) {
    const name = value(tag, Buffer.from('system:node:worker-1'))
    bent.push([`a string of the kind ${kind}`, { subject: sequence(nodes, rdn(commonName, name)) }])
  }
  for (const [what, pieces] of bent) t.equal(parseCsrRequest(pemOf(signedRequest('worker-1', pieces))), undefined, what)
  const [sequenceTag = 0, ...rest] = spki
  t.equal(
    parseCsrRequest(pemOf(signedRequest('worker-1', { publicKey: Buffer.from([sequenceTag + 1, ...rest]) }))),
    undefined
  )
})

t.test('canonical DER is read as it is', async (t) => {
  const read = (subject: Buffer, pieces: Pieces = {}) =>
    parseCsrRequest(pemOf(signedRequest('', { subject, ...pieces })))
  t.match(read(sequence(nodes, rdn(commonName, utf8('system:node:worker-1')))), {
    commonNames: ['system:node:worker-1']
  })
  t.match(read(sequence(nodes, worker, worker)), { commonNames: ['system:node:worker-1', 'system:node:worker-1'] })
  t.match(read(sequence(nodes, nodes, worker)), { organizations: ['system:nodes', 'system:nodes'] })
  t.match(read(sequence(nodes, rdn(commonName, utf8('system:node:worker-1\0')))), {
    commonNames: ['system:node:worker-1\0']
  })
  t.match(read(sequence(rdn(objectIdentifier('2.5.4.11'), utf8('x')), nodes, worker)), { otherSubject: ['2.5.4.11'] })
  t.match(read(sequence()), { commonNames: { length: 0 }, organizations: { length: 0 } })
  const extension = sequence(objectIdentifier('1.2.840.113549.1.9.14'), setOf(sequence()))
  t.match(read(nodeSubject('worker-1'), { attributes: context(0, extension) }), { hasAttributes: true })
})

t.test('a request that is longer than any of a kubelet is not read', async (t) => {
  const long = (length: number) =>
    pemOf(signedRequest('', { subject: sequence(rdn(commonName, utf8('a'.repeat(length)))) }))
  t.ok(long(8500).length < longestRequest)
  t.match(parseCsrRequest(long(8500)), { organizations: { length: 0 } })
  t.ok(long(9500).length > longestRequest)
  t.equal(parseCsrRequest(long(9500)), undefined)
})

t.test('a value that can be written in two ways is canonical in one', async (t) => {
  const rows: [hex: string, canonical: boolean][] = [
    ['0500', true],
    ['050100', false],
    ['0101ff', true],
    ['010101', false],
    ['020100', true],
    ['02020080', true],
    ['0202007f', false],
    ['0202ff80', false],
    ['0202ff7f', true],
    ['0200', false],
    ['0603550403', true],
    ['060455048003', false],
    ['0603550483', false],
    ['0600', false],
    ['030100', true],
    ['0300', false],
    ['030204f0', true],
    ['030204ff', false],
    ['030208f0', false],
    ['030101', false],
    ['3106020101020102', true],
    ['3106020102020101', false],
    ['30060201020201', false],
    ['3006020102020101', true],
    ['30800000', false],
    ['3000', true],
    ['308100', false],
    ['300000', false],
    ['1000', false],
    ['2200', false],
    ['a000', true],
    ['8000', true],
    ['6000', false],
    ['e000', false],
    ['0000', false],
    ['1f0100', false],
    ['30', false],
    ['', false],
    ['16017f', true],
    ['160180', false],
    [`0481800${'0'.repeat(255)}`, true],
    [`047f${'00'.repeat(127)}`, true],
    [`04817f${'00'.repeat(127)}`, false],
    [`048200ff${'00'.repeat(255)}`, false],
    [`04820100${'00'.repeat(256)}`, true],
    [`0483000100${'00'.repeat(256)}`, false]
  ]
  for (const [hex, canonical] of rows) t.equal(isCanonicalDer(Buffer.from(hex, 'hex')), canonical, hex.slice(0, 24))
})

t.test('a text is read as itself, however many other or hostile texts came since', async (t) => {
  const namesOf = (pem: string) => parseCsrRequest(pem)?.commonNames
  for (let round = 0; round < 2; round += 1) {
    t.same(namesOf(own), ['system:node:worker-1'], `round ${round}`)
    t.same(namesOf(other), ['system:node:cp-1'], `round ${round}`)
    t.equal(parseCsrRequest(`${own}${other}`), undefined, `round ${round}, both in one text`)
    for (let text = 0; text < 1100; text += 1) parseCsrRequest(`not a request ${text}`)
  }
})

t.test('while many texts are read ahead, others have their turn, and then each text is known', async (t) => {
  const texts = Array.from({ length: 100 }, (_, number) => pemOf(signedRequest(`worker-${number}`)))
  let turns = 0
  let reads = true
  const others = async () => {
    for (; reads; turns += 1) await setImmediate()
  }
  const end = others()
  await readAhead(texts)
  reads = false
  await end
  t.ok(turns > 10, `${turns} turns`)
  for (const [number, text] of texts.entries()) {
    t.same(parseCsrRequest(text)?.commonNames, [`system:node:worker-${number}`], `${number}`)
    t.equal(parseCsrRequest(text), parseCsrRequest(text), 'what was read once')
  }
})
