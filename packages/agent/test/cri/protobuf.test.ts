import t from 'tap'
import { decode, integer, messages, text } from '../../src/cri/protobuf.ts'

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')

t.test('strings, numbers and messages are read by their field number', async (t) => {
  // 1: "a", 2: 300, 3: {1: "b"}, 3: {1: "c"}
  const message = decode(bytes('0a 01 61  10 ac 02  1a 03 0a 01 62  1a 03 0a 01 63'))
  t.equal(text(message, 1), 'a')
  t.equal(integer(message, 2), 300)
  t.same(
    messages(message, 3).map((inner) => text(inner, 1)),
    ['b', 'c']
  )
})

t.test('a field that is absent has its default', async (t) => {
  const message = decode(bytes(''))
  t.equal(text(message, 1), '')
  t.equal(integer(message, 1), 0)
  t.same(messages(message, 1), [])
})

t.test('fields of fixed width are stepped over', async (t) => {
  t.equal(text(decode(bytes('0d 00000000  11 0000000000000000  1a 01 61')), 3), 'a')
})

t.test('the last value of a field that comes twice counts', async (t) => {
  t.equal(integer(decode(bytes('08 01 08 02')), 1), 2)
})

for (const [what, hex] of [
  ['a string that is cut off', '0a 05 61'],
  ['a number that is cut off', '08 80'],
  ['a group, which proto3 has not', '0b']
] as const) {
  t.test(`${what} is no message`, async (t) => {
    t.throws(() => decode(bytes(hex)), RangeError)
  })
}
