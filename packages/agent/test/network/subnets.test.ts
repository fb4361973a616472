import t from 'tap'
import { contains, overlap, parseSubnet, type Subnet, unfitForNode } from '../../src/network/subnets.ts'

const read = (text: string): Subnet => parseSubnet(text) as Subnet

t.test('a network is address/length, and an address without a length is a network of one', async (t) => {
  t.match(parseSubnet('10.244.0.0/16'), { address: '10.244.0.0', length: 16, family: 'ipv4', text: '10.244.0.0/16' })
  t.match(parseSubnet('10.0.0.1'), { address: '10.0.0.1', length: 32 })
  t.match(parseSubnet('fd00::/64'), { address: 'fd00::', length: 64, family: 'ipv6' })
  t.match(parseSubnet('fd00::1'), { length: 128 })
  t.match(parseSubnet('0.0.0.0/0'), { length: 0 })
  for (const wrong of ['', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', '10.0.0.0/', 'example.com', '/8', '10.0.0.0/8/8']) {
    t.equal(parseSubnet(wrong), undefined, wrong)
  }
})

const pairs: [string, string, 'first' | 'second' | 'both' | 'neither'][] = [
  ['10.0.0.0/8', '10.244.0.0/16', 'first'],
  ['10.244.0.0/16', '10.0.0.0/8', 'second'],
  ['10.244.0.0/16', '10.244.7.9/16', 'both'],
  ['10.244.0.0/16', '10.245.0.0/16', 'neither'],
  ['10.244.0.0/16', '10.244.255.255', 'first'],
  ['0.0.0.0/0', '192.0.2.1', 'first'],
  ['fd00::/8', 'fd00:10:244::/56', 'first'],
  ['fd00:10:244::/56', 'fd00:10:244:100::/56', 'neither'],
  ['0.0.0.0/0', '::/0', 'neither'],
  ['::/0', '10.0.0.0/8', 'neither']
]
for (const [one, other, holds] of pairs) {
  t.test(`${one} and ${other}: ${holds} holds the other`, async (t) => {
    t.equal(contains(read(one), read(other)), holds === 'first' || holds === 'both')
    t.equal(contains(read(other), read(one)), holds === 'second' || holds === 'both')
    t.equal(overlap(read(one), read(other)), holds !== 'neither')
  })
}

t.test('an address that the kubelet refuses for a Node is unfit, with the reason', async (t) => {
  const unfit: Record<string, RegExp> = {
    '127.0.1.1': /loopback/,
    '::1': /loopback/,
    '169.254.3.4': /link-local/,
    'fe80::1': /link-local/,
    '224.0.0.1': /multicast/,
    'ff02::1': /multicast/,
    '0.0.0.0': /no address/,
    '255.255.255.255': /no address/,
    '::': /no address/,
    'worker-1': /no IP address/,
    '10.0.0.0/8': /no IP address/,
    '': /no IP address/
  }
  for (const [address, reason] of Object.entries(unfit)) t.match(unfitForNode(address), reason, address)
  for (const address of ['10.0.0.1', 'fd00::1', '2001:db8::1']) t.equal(unfitForNode(address), undefined, address)
})
