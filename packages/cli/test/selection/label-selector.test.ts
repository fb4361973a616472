import t from 'tap'
import { fitsLabels, parseLabelSelector } from '../../src/selection/label-selector.ts'

const labels = { rack: 'r7', 'example.org/gpu': '', zone: 'a', in: 'x' }

t.test('a selector fits as in kubectl', async (t) => {
  for (const [selector, fits] of [
    ['rack=r7', true],
    ['rack==r7', true],
    [' rack = r7 ', true],
    ['rack=r8', false],
    ['rack!=r8', true],
    ['rack!=r7', false],
    ['none!=r7', true],
    ['rack', true],
    ['none', false],
    ['!none', true],
    ['! none', true],
    ['!rack', false],
    ['rack in (r7,r8)', true],
    ['rack in (r8)', false],
    ['rack in ( r8 , r7 )', true],
    ['rack notin (r8)', true],
    ['rack notin (r7,r8)', false],
    ['none notin (r7)', true],
    ['none in (r7)', false],
    ['example.org/gpu=', true],
    ['example.org/gpu in ()', true],
    ['example.org/gpu!=', false],
    ['example.org/gpu', true],
    ['rack=r7,zone!=b', true],
    ['rack=r7,zone!=a', false],
    ['rack in (r7,r8),!none,zone', true],
    ['in', true],
    ['in in (x)', true],
    ['in=x,rack', true],
    ['constructor', false],
    ['!constructor', true]
  ] as const) {
    t.equal(fitsLabels(parseLabelSelector(selector), labels), fits, selector)
  }
})

t.test('a selector that cannot be read is refused in plain words', async (t) => {
  for (const [selector, why] of [
    ['', /the key of a label is missing$/],
    [',', /missing before ,/],
    ['rack=r7,', /the key of a label is missing$/],
    ['=r7', /missing before =/],
    ['rack=r7 zone=a', /a comma is missing before zone/],
    ['rack r7', /a comma is missing before r7/],
    ['rack in r7', /a list in brackets is missing after in/],
    ['rack in (r7', /the closing bracket of the list after in is missing/],
    ['rack notin (r7 r8)', /the closing bracket/],
    ['rack=r7)', /a comma is missing before \)/],
    ['!', /the key of a label is missing/],
    ['!rack=r7', /a comma is missing before =/],
    ['-rack=r7', /-rack is no key of a label/],
    ['rack=-r7', /-r7 is no value of a label/],
    ['rack>7', /rack>7 is no key of a label/],
    ['rack=a=b', /a comma is missing before =/],
    ['a/b/c', /no key/],
    [`rack=${'r'.repeat(64)}`, /no value/],
    ['rack\u001b[2J', /no key/]
  ] as const) {
    t.throws(() => parseLabelSelector(selector), { name: 'WrongSelector', message: why }, selector)
  }
})

t.test('a hostile selector is read in bounded time', async (t) => {
  const before = process.threadCpuUsage()
  for (const text of ['(', '!', 'a,', 'a in (', ' ', 'a=', 'a in (b),']) {
    t.throws(() => parseLabelSelector(text.repeat(4096 / text.length)), { name: 'WrongSelector' }, text)
    t.throws(() => parseLabelSelector(text.repeat(4097)), { message: 'it is longer than 4096 characters' }, text)
  }
  const { user, system } = process.threadCpuUsage(before)
  t.ok(user + system < 5_000_000, 'in microseconds of processor, to which a busy host adds nothing')
})
