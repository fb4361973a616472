import { gzipSync } from 'node:zlib'
import {
  type DocumentSpec,
  emptyHead,
  type HeadSpec,
  LogRefusal,
  nextBatch,
  openDocument,
  openHead,
  packBatch,
  sealDocument,
  sealHead,
  unpackBatch
} from '@joinery/server/testing/log'
import t from 'tap'
import { digestText, minus, partsOf, plus, readDigest } from '../../../../src/core/ports/log/log-keys.ts'
import { packed, unpacked } from '../../../../src/core/ports/log/packed.ts'
import { keys, otherKeys } from './log-fixture.ts'

const log = 'log-1'
const empty = emptyHead(log, 'host-1', keys)
const batchText = packBatch([{ name: 'a', text: '{}' }], 'nonce')
const first = nextBatch(empty, { term: 1, text: batchText })
const head = sealHead(
  {
    log,
    number: first.batch.number,
    hash: first.hash,
    term: 1,
    holder: 'host-1',
    documents: digestText(partsOf(keys)({ name: 'a', number: 1, text: '{}' })),
    batches: [first.batch]
  },
  keys
)

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'opened'
  } catch (error) {
    if (error instanceof LogRefusal) return error.code
    throw error
  }
}

/** The head with other fields, sealed by a server that has the keys. */
const sealed = (over: Partial<HeadSpec>): HeadSpec => sealHead({ ...head, ...over }, keys)

const heads: [what: string, spec: unknown, code: string][] = [
  ['as it was sealed', head, 'opened'],
  ['with its fields in another order', Object.fromEntries(Object.entries(head).reverse()), 'opened'],
  ['of the format before', sealHead({ ...head, format: 1 }, keys), 'opened'],
  ['that says the format before, and was sealed in this one', { ...head, format: 1 }, 'log-damaged'],
  ['of a newer format', { ...head, format: 4 }, 'log-newer'],
  ['of a newer format with fields of its own', { format: 4, sections: [] }, 'log-newer'],
  ['of format 0', { ...head, format: 0 }, 'log-damaged'],
  ['that is nothing', undefined, 'log-damaged'],
  ['that is a text', 'head', 'log-damaged'],
  ['without its mac', { ...head, mac: undefined }, 'log-damaged'],
  ['with a field more', { ...head, more: 1 }, 'log-damaged'],
  ['with a mac that is too short', { ...head, mac: head.mac.slice(2) }, 'log-damaged'],
  ['with another number', { ...head, number: 7 }, 'log-damaged'],
  ['with another term', { ...head, term: 2 }, 'log-damaged'],
  ['with the id of another log', { ...head, log: 'log-2' }, 'log-damaged'],
  ['with another holder', { ...head, holder: 'host-2' }, 'log-damaged'],
  ['with the hash of another batch', { ...head, hash: '0'.repeat(64) }, 'log-damaged'],
  ['with another set of documents', { ...head, documents: '0'.repeat(64) }, 'log-damaged'],
  ['without its batches', { ...head, batches: [] }, 'log-damaged'],
  ['by other keys', sealHead(head, otherKeys), 'log-damaged'],
  ['without batches, sealed', sealed({ batches: [] }), 'opened'],
  ['that ends before its number', sealed({ number: 2 }), 'log-damaged'],
  ['whose last batch is of another term', sealed({ term: 2 }), 'log-damaged'],
  ['with a gap', sealed({ number: 3, batches: [first.batch, { number: 3, term: 1, text: batchText }] }), 'log-damaged'],
  [
    'with numbers that a take-over skipped',
    sealed({ number: 900, term: 2, batches: [first.batch, { number: 900, term: 2, text: batchText }] }),
    'opened'
  ],
  [
    'with a term that went back',
    sealed({ number: 2, term: 0, batches: [first.batch, { number: 2, term: 0, text: batchText }] }),
    'log-damaged'
  ]
]
for (const [what, spec, code] of heads) {
  t.test(`a head ${what} is ${code}`, async (t) => {
    t.equal(
      codeOf(() => openHead(spec, [keys])),
      code
    )
  })
}

t.test('a head is opened by any of the keys, and it is said by which', async (t) => {
  t.equal(openHead(sealHead(head, otherKeys), [keys, otherKeys]).keys, otherKeys)
})

const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64')
const { name: _, ...document } = sealDocument({ name: 'a', text: '{"a":1}', number: 7, log }, keys)
const bySomebody = (text: string): DocumentSpec => {
  const { name: _, ...spec } = sealDocument({ name: 'a', text: '', number: 7, log }, keys)
  return { ...spec, text }
}

const documents: [what: string, name: string, spec: unknown, is: string][] = [
  ['as it was sealed', 'a', document, 'ours'],
  ['of a newer format', 'a', { ...document, format: 2 }, 'newer'],
  ['under another name', 'b', document, 'damaged'],
  ['of another log', 'a', { ...document, log: 'log-2' }, 'foreign'],
  ['with another number', 'a', { ...document, number: 8 }, 'damaged'],
  ['with a wrong mac', 'a', { ...document, mac: '0'.repeat(64) }, 'damaged'],
  ['with text of somebody else', 'a', bySomebody(packed('{"a":2}')), 'damaged'],
  ['with a field more', 'a', { ...document, more: true }, 'damaged'],
  ['that is nothing', 'a', null, 'damaged'],
  ['with text that is cut', 'a', { ...document, text: document.text.slice(0, -4) }, 'damaged']
]
for (const [what, name, spec, is] of documents) {
  t.test(`a document ${what} is ${is}`, async (t) => t.equal(openDocument(name, spec, log, [keys]).is, is))
}

t.test('a document that is deleted has no text, and another one has exactly its text', async (t) => {
  const { name, ...grave } = sealDocument({ name: 'a', text: null, number: 7, log }, keys)
  t.match(openDocument(name, grave, log, [keys]), { text: null })
  for (const text of ['', '{}', '\ufeff"x"', '"ü 🎉 \\u0000"']) {
    const { name, ...spec } = sealDocument({ name: 'a', text, number: 7, log }, keys)
    t.match(openDocument(name, spec, log, [keys]), { text, number: 7 }, JSON.stringify(text))
  }
})

/** A packed text that the two alphabets write in different ways. */
const withBoth =
  Array.from({ length: 1000 }, (_, index) => packed(`text ${index}`)).find((text) => /\+.*\//.test(text)) ?? ''

const texts: [what: string, text: string][] = [
  ['that is cut', packed('a text').slice(0, -4)],
  ['with a line feed', `${packed('a text')}\n`],
  ['in the alphabet of URLs', withBoth.replaceAll('+', '-').replaceAll('/', '_')],
  ['without its padding', packed('ab').replace(/=+$/, '')],
  ['that is no gzip', Buffer.from('a text').toString('base64')],
  ['with gzip that is cut', Buffer.from(packed('a text'), 'base64').subarray(0, 20).toString('base64')],
  ['that is no UTF-8', gzipSync(Buffer.from([0xff, 0xfe])).toString('base64')],
  ['of nothing', '']
]
for (const [what, text] of texts) {
  t.test(`base64 ${what} is not unpacked`, async (t) => t.equal(unpacked(text), undefined))
}

t.test('a text that unpacks to more than it may costs no more than that', async (t) => {
  const before = process.memoryUsage().arrayBuffers
  // a difference of that size would take minutes to print
  t.ok(unpacked(bomb) === undefined)
  t.ok(process.memoryUsage().arrayBuffers - before < 40 * 1024 * 1024)
  t.equal(unpacked(packed('12345'), 5), '12345')
  t.equal(unpacked(packed('123456'), 5), undefined)
})

t.test('a batch that is no batch is damaged', async (t) => {
  const rows: [what: string, text: string][] = [
    ['a bomb', bomb],
    ['no JSON', packed('{')],
    ['another document', packed('[]')],
    ['a name that no object has', packed(JSON.stringify({ documents: [{ name: 'A/b', text: '' }], nonce: '' }))],
    ['a text that is a number', packed(JSON.stringify({ documents: [{ name: 'a', text: 1 }], nonce: '' }))]
  ]
  for (const [what, text] of rows) {
    t.equal(
      codeOf(() => unpackBatch({ number: 1, term: 1, text })),
      'log-damaged',
      what
    )
  }
  const documents = [
    { name: 'a.b-c', text: '{}' },
    { name: 'b', text: null }
  ]
  t.same(unpackBatch({ number: 1, term: 1, text: packBatch(documents, 'n') }), documents)
})

t.test('the digest of a set does not know the order, and takes out what went in', async (t) => {
  const partOf = partsOf(keys)
  const document = { name: 'a', number: 1, text: '"text"' }
  const [a, b, c] = [partOf(document), partOf({ ...document, name: 'b' }), partOf({ ...document, name: 'c' })]
  t.equal(plus(plus(a, b), c), plus(plus(c, a), b))
  t.equal(minus(plus(plus(a, b), c), b), plus(a, c))
  t.equal(minus(0n, a), plus(0n, (1n << 256n) - a))
  t.equal(a, partOf({ ...document }))
  t.equal(new Set([a, b, c]).size, 3, 'the name counts')
  t.not(a, partOf({ ...document, number: 2 }), 'the number counts')
  t.not(a, partOf({ ...document, text: '"another"' }), 'the content counts')
  t.not(a, partsOf(otherKeys)(document), 'nobody computes it without the key')
  const before = partsOf(keys, 1)
  t.equal(before(document), before({ ...document, text: '"another"' }), 'of format 1 the content did not count')
  t.equal(readDigest(digestText(a)), a)
  t.match(digestText(1n), /^0{63}1$/)
})

t.test('the hash of a batch follows from all that came before', async (t) => {
  const base = { number: 3, hash: first.hash }
  const hashes = [
    nextBatch(base, { term: 1, text: batchText }),
    nextBatch({ ...base, number: 4 }, { term: 1, text: batchText }),
    nextBatch({ ...base, hash: head.documents }, { term: 1, text: batchText }),
    nextBatch(base, { term: 2, text: batchText }),
    nextBatch(base, { term: 1, text: packBatch([{ name: 'a', text: '{}' }], 'another') })
  ].map(({ hash }) => hash)
  t.equal(new Set(hashes).size, hashes.length)
})
