import t from 'tap'
import { fingerprintDigits, isFingerprintOf, shortFingerprint } from '../../src/words/fingerprint.ts'

const hex = '4f1c22ab09d37e10b6f5'.padEnd(64, '0')
const whole = `sha256:${hex}`

t.test('the fingerprint that people compare has 80 bits', async (t) => {
  t.equal(shortFingerprint(whole), '4f1c-22ab-09d3-7e10-b6f5')
})

const taken: [what: string, typed: string][] = [
  ['whole', whole],
  ['without its prefix', hex],
  ['in its short form', '4f1c-22ab-09d3-7e10-b6f5'],
  ['in capitals', '4F1C-22AB-09D3-7E10-B6F5'],
  ['whole, in capitals', whole.toUpperCase()],
  ['short, with the prefix', 'sha256:4f1c-22ab-09d3-7e10-b6f5'],
  ['without dashes', '4f1c22ab09d37e10b6f5'],
  ['with spaces', ' 4f1c 22ab 09d3 7e10 b6f5 ']
]
for (const [what, typed] of taken) {
  t.test(`a key is taken ${what}`, async (t) => {
    t.ok(isFingerprintOf(fingerprintDigits(typed) ?? 'none', whole))
  })
}

const refused: [what: string, typed: string][] = [
  ['of 32 bits', '4f1c-22ab'],
  ['of 76 bits', '4f1c-22ab-09d3-7e10-b6f'],
  ['that is empty', ''],
  ['of dashes', '-'.repeat(24)],
  ['of other letters', '4f1c-22ab-09d3-7e10-b6fg'],
  ['that is longer than a key', `${hex}0`],
  ['with another prefix', `sha512:${hex}`]
]
for (const [what, typed] of refused) {
  t.test(`a key ${what} is refused`, async (t) => {
    t.equal(fingerprintDigits(typed), undefined)
  })
}

t.test('digits of another key are not those of this one', async (t) => {
  t.notOk(isFingerprintOf(fingerprintDigits('4f1c-22ab-09d3-7e10-b6f6') ?? '', whole))
  t.notOk(isFingerprintOf(fingerprintDigits(whole) ?? '', ''), 'an enrolment without an agent has no key')
})
