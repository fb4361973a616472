import t from 'tap'
import { isSummed, parseSummed, summed } from '../../../src/adapters/sqlite/summed.ts'

const document = { id: 'e', text: '\u0000 \u2028 "}\ud800 ä', attempts: [{}] }

t.test('a document comes back as it was, without its checksum', async (t) => {
  t.same(parseSummed(summed(document, 3), 3), document)
  t.same(parseSummed(summed({ at: '' })), { at: '' })
})

t.test('the text of a document with its checksum is one JSON object, for the indexes', async (t) => {
  t.match(JSON.parse(summed(document, 3)), { id: 'e', crc32: /^[0-9a-f]{8}$/ })
})

t.test('a flip of any bit, and another revision, is damage', async (t) => {
  const text = summed({ id: 'e', state: 'rejected' }, 3)
  for (const at of Buffer.from(text).keys()) {
    for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
      const flipped = Buffer.from(text)
      flipped[at] = (flipped[at] ?? 0) ^ bit
      if (isSummed(flipped.toString(), 3)) t.fail(`byte ${at}, bit ${bit}`)
    }
  }
  t.throws(() => parseSummed(text, 4), { message: /checksum/ })
  for (const other of ['', '{}', 'null', text.slice(0, -1), `${text} `]) {
    t.equal(isSummed(other, 3), false, JSON.stringify(other))
  }
})
