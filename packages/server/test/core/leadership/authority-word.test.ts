import t from 'tap'
import { makeAuthority } from '../../../src/core/keys/certificates.ts'
import { makeKey, readKeyPair } from '../../../src/core/keys/keys.ts'
import {
  type AuthorityWord,
  authorityWord,
  isLater,
  knowsMore,
  readWord,
  wordText
} from '../../../src/core/leadership/authority-word.ts'

const pin = (digit: string): string => `sha256:${digit.repeat(64)}`
const word = (digit: string, from: number, next?: string): AuthorityWord => ({
  pin: pin(digit),
  from,
  ...(next !== undefined && { next: pin(next) })
})

t.test('the word of a server comes back as it was said', async (t) => {
  const at = new Date('2026-11-27T12:00:00Z')
  const [certificateAuthority, nextAuthority] = await Promise.all(
    [at, at].map((now) => makeAuthority(readKeyPair(makeKey()), now))
  )
  for (const keys of [
    { certificateAuthority: certificateAuthority ?? '', nextAuthority: undefined },
    { certificateAuthority: certificateAuthority ?? '', nextAuthority }
  ]) {
    const said = authorityWord(keys)
    t.same(readWord(wordText(said)), said)
    t.equal(said.from, Date.parse('2026-11-26T12:00:00Z'), 'a CA begins a day before it was made')
  }
})

for (const text of [
  undefined,
  '',
  pin('a'),
  `${pin('a')} yesterday`,
  `${pin('A')} 2026-11-27T12:00:00.000Z`,
  `${pin('a')} 2026-11-27T12:00:00.000Z ${pin('b')} `,
  `${pin('a')} 2026-11-27T12:00:00.000Z sha256:1`,
  `${pin('a')} 2026-11-27T12:00:00.000Z\n${pin('b')}`
])
  t.test(`this is no word: ${JSON.stringify(text)?.slice(0, 120)}`, async (t) => {
    t.equal(readWord(text), undefined)
  })

const pairs: [what: string, said: AuthorityWord, own: AuthorityWord, later: boolean, more: boolean][] = [
  ['the same CA', word('a', 1), word('a', 1), false, false],
  ['the same CA whose certificate was made again', word('a', 9), word('a', 1), false, false],
  ['a next CA that this host does not have', word('a', 1, 'b'), word('a', 1), false, true],
  ['the next CA that this host has', word('a', 1, 'b'), word('a', 1, 'b'), false, false],
  ['another next CA', word('a', 1, 'c'), word('a', 1, 'b'), false, true],
  ['no next CA', word('a', 1), word('a', 1, 'b'), false, false],
  ['the next CA in place', word('b', 2), word('a', 1, 'b'), true, false],
  ['a later CA that this host never had', word('b', 2), word('a', 1), true, true],
  ['the CA of before', word('a', 1), word('b', 2), false, false],
  ['the CA of before, with the one in place as the next', word('a', 1, 'b'), word('b', 2), false, false],
  ['the CA of before, with another next one', word('a', 1, 'c'), word('b', 2), false, false],
  ['of two that began at once, the one with the greater pin', word('c', 2), word('b', 2), true, true],
  ['of two that began at once, the one with the lesser pin', word('b', 2), word('c', 2), false, false]
]
for (const [what, said, own, later, more] of pairs)
  t.test(`another server says: ${what}`, async (t) => {
    t.equal(isLater(said, own), later, 'it came by a rotation')
    t.equal(knowsMore(said, own), more, 'this host lacks something')
  })
