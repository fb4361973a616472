import { createHash, randomBytes } from 'node:crypto'
import { fc } from '@joinery/testing/chance/drawn'
import t from 'tap'
import { hashCode, makeCode, parseCode } from '../../src/words/code.ts'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const anyCode = fc.uint8Array({ minLength: 26, maxLength: 26 }).map((bytes) => makeCode(() => bytes))

t.test('a code is jny_, 26 characters of Crockford base32 and the first 10 bits of their SHA-256', async (t) => {
  const code = makeCode(randomBytes)
  t.match(code, /^jny_[0-9A-HJKMNP-TV-Z]{28}$/)
  const digest = createHash('sha256').update(code.slice(4, 30)).digest()
  const bits = ((digest[0] ?? 0) << 2) | ((digest[1] ?? 0) >> 6)
  t.equal(code.slice(30), `${alphabet[bits >> 5]}${alphabet[bits & 31]}`)
})

t.test('a code reads as a person may write it: any case, groups, spaces, look-alikes', async (t) => {
  const readsBack = fc.property(anyCode, (code) => {
    const groups = code.slice(4).match(/.{4}/g) ?? []
    const written = [
      code.toLowerCase(),
      ` jny_${groups.join('-')}\n`,
      code.slice(4),
      `JNY_${groups.join(' ').replaceAll('0', 'o').replaceAll('1', 'l')}`
    ]
    return written.every((text) => parseCode(text) === code)
  })
  t.doesNotThrow(() => fc.assert(readsBack))
})

t.test('the checksum finds nearly all mistyped characters', async (t) => {
  let missed = 0
  fc.assert(
    fc.property(anyCode, fc.nat({ max: 27 }), fc.nat({ max: 30 }), (code, place, step) => {
      const index = 4 + place
      const other = alphabet[(alphabet.indexOf(code[index] ?? '') + 1 + step) % 32]
      if (typeof parseCode(code.slice(0, index) + other + code.slice(index + 1)) === 'string') missed += 1
    }),
    { numRuns: 2000, seed: 1 }
  )
  t.ok(missed < 10, `${missed} of 2000`)
})

t.test('the problem of a mistyped code names the group, and never shows the code', async (t) => {
  const code = makeCode(() => new Uint8Array(26).fill(7))
  for (const [typed, problem] of [
    [`${code.slice(0, 12)}U${code.slice(13)}`, 'group 3 of 7 has a character that no code has'],
    [`${code.slice(0, 30)}ö1`, 'group 7 of 7 has a character that no code has'],
    [code.slice(0, -1), 'a code has 28 characters after jny_, this one has 27'],
    ['', 'a code has 28 characters after jny_, this one has 0'],
    [`${code.slice(0, 31)}${code[31] === '0' ? '2' : '0'}`, /compare all 7 groups/]
  ] as const) {
    const parsed = parseCode(typed)
    t.match(parsed, { problem }, typed)
  }
})

t.test('the server keeps SHA-256 of the canonical form', async (t) => {
  const code = makeCode(randomBytes)
  t.equal(hashCode(code), createHash('sha256').update(code).digest('hex'))
})
