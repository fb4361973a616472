import t from 'tap'
import {
  afterMeeting,
  afterWord,
  type ConfiguredPins,
  type KnownPins,
  nextPinOf,
  type PinWord
} from '../../src/pairing/known-pins.ts'

const [a, b, c] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string]
const named = (pin: string): PinWord => ({ pin, text: `by ${pin}` })
type Act = { met: string } | { said: PinWord }

const table: [what: string, configured: ConfiguredPins, acts: Act[], trusted: string[]][] = [
  ['nothing was said', { pin: a }, [], [a]],
  ['the configuration has both pins', { pin: a, nextPin: b }, [], [a, b]],
  ['the configuration has one pin twice', { pin: a, nextPin: a }, [], [a]],
  ['another one is announced', { pin: a }, [{ said: named(b) }], [a, b]],
  ['the present pin is announced', { pin: a }, [{ said: named(a) }], [a]],
  ['it was announced, and is no longer', { pin: a }, [{ said: named(b) }, { said: 'none' }], [a]],
  ['it was announced, and an earlier server answers', { pin: a }, [{ said: named(b) }, { said: 'nothing' }], [a]],
  ['another one than before is announced', { pin: a }, [{ said: named(b) }, { said: named(c) }], [a, c]],
  ['another one than the configured one is announced', { pin: a, nextPin: b }, [{ said: named(c) }], [a, c]],
  ['the configured one is not announced', { pin: a, nextPin: b }, [{ said: 'none' }], [a]],
  ['an earlier server says nothing of the configured one', { pin: a, nextPin: b }, [{ said: 'nothing' }], [a, b]],
  [
    'an earlier server answers after one that did not announce it',
    { pin: a, nextPin: b },
    [{ said: 'none' }, { said: 'nothing' }],
    [a]
  ],
  ['the configured one is announced again', { pin: a, nextPin: b }, [{ said: 'none' }, { said: named(b) }], [a, b]],
  [
    'the configured one was announced, and an earlier server answers',
    { pin: a, nextPin: b },
    [{ said: named(b) }, { said: 'nothing' }],
    [a, b]
  ],
  ['the server has the announced key', { pin: a }, [{ said: named(b) }, { met: b }], [b]],
  ['the server has the configured next key', { pin: a, nextPin: b }, [{ met: b }], [b]],
  ['the server has the old key still', { pin: a, nextPin: b }, [{ met: a }], [a, b]],
  ['a key that nobody announced is met', { pin: a }, [{ met: c }], [a]],
  ['a third one is announced by the second', { pin: a }, [{ said: named(b) }, { met: b }, { said: named(c) }], [b, c]],
  ['the configured next one belongs to the old pin', { pin: a, nextPin: c }, [{ said: named(b) }, { met: b }], [b]],
  ['the second one announces none', { pin: a, nextPin: b }, [{ met: b }, { said: 'none' }], [b]]
]
for (const [what, configured, acts, trusted] of table) {
  t.test(`if ${what}, these pins are trusted: ${trusted.map((pin) => pin.at(-1)).join(', ')}`, async (t) => {
    let known: KnownPins = { pin: configured.pin }
    for (const act of acts) {
      known = 'met' in act ? afterMeeting(known, act.met, configured) : afterWord(known, act.said, configured)
    }
    const next = nextPinOf(known, configured)
    t.same([known.pin, ...(next === undefined ? [] : [next])], trusted)
  })
}

t.test('a denial is of one pin: another one that a person configures counts', async (t) => {
  const known = afterWord({ pin: a }, 'none', { pin: a, nextPin: b })
  t.equal(nextPinOf(known, { pin: a, nextPin: b }), undefined)
  t.equal(nextPinOf(known, { pin: a, nextPin: c }), c)
})
