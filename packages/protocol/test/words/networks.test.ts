import t from 'tap'
import { isNetwork, isWithin } from '../../src/words/networks.ts'

const networks: [string, boolean][] = [
  ['192.0.2.0/24', true],
  ['192.0.2.7/32', true],
  ['0.0.0.0/0', true],
  ['2001:db8::/32', true],
  ['2001:DB8::1/128', true],
  ['::/0', true],
  ['192.0.2.7', false],
  ['192.0.2.0/33', false],
  ['192.0.2/24', false],
  ['192.0.2.0/', false],
  ['192.0.2.0/-1', false],
  ['192.0.2.0/2 4', false],
  ['192.0.2.0/24\n', false],
  ['192.0.2.0/255.255.255.0', false],
  ['2001:db8::/129', false],
  ['fe80::%eth0/64', false],
  ['example.org/24', false],
  ['', false]
]
for (const [text, is] of networks) {
  t.test(`${JSON.stringify(text)} is ${is ? 'a' : 'not a'} network`, async (t) => t.equal(isNetwork(text), is))
}

const both = ['192.0.2.0/24', '2001:db8::/32']
const addresses: [string, string[], boolean][] = [
  ['192.0.2.0', both, true],
  ['192.0.2.255', both, true],
  ['192.0.3.0', both, false],
  ['192.0.1.255', both, false],
  ['2001:db8::1', both, true],
  ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', both, true],
  ['2001:db9::', both, false],
  ['192.0.2.7', ['192.0.2.7/32'], true],
  ['192.0.2.8', ['192.0.2.7/32'], false],
  ['192.0.2.8', ['192.0.2.7/24'], true],
  ['192.0.2.7', ['2001:db8::/32'], false],
  ['192.0.2.7', ['::/0'], false],
  ['192.0.2.7', ['0.0.0.0/0'], true],
  ['2001:db8::1', ['0.0.0.0/0'], false],
  ['2001:db8::1', ['::/0'], true],
  ['192.0.2.7', [], false],
  ['fe80::1%eth0', ['fe80::/10'], true],
  ['fe80::1%eth0', ['2001:db8::/32'], false],
  ['', both, false],
  ['unknown', both, false]
]
for (const [address, list, is] of addresses) {
  t.test(`${address} is ${is ? '' : 'not '}in ${list.join(', ') || 'none'}`, async (t) =>
    t.equal(isWithin(address, list), is)
  )
}
