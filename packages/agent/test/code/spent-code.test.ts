import { makeCode } from '@joinery/protocol'
import t from 'tap'
import { spentCode, unspent, withoutCodes } from '../../src/code/spent-code.ts'

const code = makeCode((bytes) => new Uint8Array(bytes).map((_, index) => index * 7))
const mistyped = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`

t.test('the mark is as long as a code', async (t) => t.equal(spentCode.length, code.length))

const texts: [what: string, text: string, wiped: string][] = [
  ['a code', code, spentCode],
  [
    'a code in YAML and in JSON',
    `content: "${code}\\n"\n{"a":"${code}\\n"}`,
    `content: "${spentCode}\\n"\n{"a":"${spentCode}\\n"}`
  ],
  ['a code as somebody typed it', code.toLowerCase(), spentCode],
  ['a text that is no code', `jny_ ${mistyped} jny_0`, `jny_ ${mistyped} jny_0`],
  ['a mark', spentCode, spentCode],
  ['an empty text', '', '']
]
for (const [what, text, wiped] of texts) {
  t.test(`${what} is wiped as it should be`, async (t) => t.equal(withoutCodes(text), wiped))
}

const files: [what: string, text: string | undefined, code: string | undefined][] = [
  ['no code file', undefined, undefined],
  ['a code file that was written again from wiped user-data', `${spentCode}\n`, undefined],
  ['a code file', `${code}\n`, `${code}\n`],
  ['a code file with a mistake', 'jny_code', 'jny_code']
]
for (const [what, text, given] of files) {
  t.test(`${what} holds ${given === undefined ? 'no code' : 'one'}`, async (t) => t.equal(unspent(text), given))
}
