import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { enrolmentFor, isSpent, withUse } from '../../../../src/core/enrolment/facts/shown.ts'
import { type Answer, judgeCode } from '../../../../src/core/enrolment/verbs/enrol.ts'
import type { CodeDocument } from '../../../../src/core/ports/store/documents/code-document.ts'

const now = new Date('2026-01-01T00:10:00Z')
const code = (part: Partial<CodeDocument> = {}) => aCode('c', part)
const users = (...keys: string[]) => keys.map((key) => ({ key, enrolment: `e-${key}` }))
/** Who owns each enrolment now. */
const owner = (enrolment: string) => anEnrolment(enrolment, { key: enrolment.slice(2) })

const over = { expires: '2026-01-01T00:10:00.000Z' }
const revoked = { revoked: '2026-01-01T00:05:00.000Z' }
const from = ['192.0.2.0/24']
const spent = { uses: 2, users: users('b', 'c') }

/** What is the case, the code, what key `a` is answered from 192.0.2.1, and from 198.51.100.1. */
const cases: [string, CodeDocument, Answer | 'code-expired' | 'code-revoked', (Answer | 'code-revoked')?][] = [
  ['a new code', code(), 'open'],
  ['a code that is over', code(over), 'code-expired'],
  ['a code that was revoked', code(revoked), 'code-revoked'],
  ['its own code', code({ enrolment: 'e-a' }), 'again'],
  ['its own code, over', code({ enrolment: 'e-a', ...over, ...revoked }), 'again'],
  ['a code of another key', code({ enrolment: 'e-b' }), 'conflict'],
  ['a code of another key, over', code({ enrolment: 'e-b', ...over, ...revoked }), 'conflict'],
  ['a code of one network', code({ from }), 'open', 'elsewhere'],
  ['its own code of one network', code({ from, enrolment: 'e-a' }), 'again', 'again'],
  ['a code of one network and another key', code({ from, enrolment: 'e-b' }), 'conflict', 'elsewhere'],
  ['a revoked code of one network', code({ from, ...revoked }), 'code-revoked', 'elsewhere'],
  ['a code for two, new', code({ uses: 2 }), 'open'],
  ['a code for two, once used', code({ uses: 2, users: users('b') }), 'open'],
  ['a code for two, once used by itself', code({ uses: 2, users: users('a') }), 'again'],
  ['a code for two, used by itself and another', code({ uses: 2, users: users('b', 'a'), ...over }), 'again'],
  ['a code for two, twice used by others', code(spent), 'spent'],
  ['a code for two, twice used by others, over', code({ ...spent, ...over, ...revoked }), 'spent'],
  ['a code for two, twice used by others, of one network', code({ ...spent, from }), 'spent', 'elsewhere'],
  [
    'a code for two that was revoked after its first use',
    code({ ...revoked, uses: 2, users: users('b') }),
    'code-revoked'
  ],
  ['a code for two that is over after its first use', code({ ...over, uses: 2, users: users('b') }), 'code-expired']
]

for (const [what, document, answer, elsewhere = answer] of cases) {
  t.test(`${what}: ${answer}`, async (t) => {
    for (const [address, expected] of [
      ['192.0.2.1', answer],
      ['198.51.100.1', elsewhere]
    ] as const) {
      const behind = enrolmentFor(document, 'a')
      const judge = () =>
        judgeCode(document, behind === undefined ? undefined : owner(behind), { key: 'a', address }, now)
      if (expected.startsWith('code-')) t.throws(judge, { code: expected }, address)
      else t.equal(judge(), expected, address)
    }
  })
}

t.test('a code for one machine stores its use as before, and a code for many stores each key', async (t) => {
  const use = { key: 'a', enrolment: 'e-a' }
  t.same(withUse(code(), use), code({ enrolment: 'e-a' }))
  t.same(withUse(code({ uses: 2, users: users('b') }), use), code({ uses: 2, users: users('b', 'a') }))
  t.same([isSpent(code()), isSpent(code({ enrolment: 'e-a' }))], [false, true])
  t.same([isSpent(code({ uses: 2, users: users('b') })), isSpent(code(spent))], [false, true])
})
