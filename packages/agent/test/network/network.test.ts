import type { NetworkInterfaceInfo } from 'node:os'
import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { cardAddresses, ipAddresses, networkLinks } from '../../src/network/network.ts'

const card = (mac: string, more = {}) => ({ device: { vendor: '0x1af4' }, address: `${mac}\n`, uevent: '', ...more })
const made = (type: string, ...lower: string[]) => ({
  address: 'aa:aa:aa:aa:aa:aa\n',
  uevent: `DEVTYPE=${type}\nINTERFACE=x\n`,
  ...Object.fromEntries(lower.map((name) => [`lower_${name}`, {}]))
})
type Folder = NonNullable<Parameters<typeof t.testdir>[0]>
const sysfs = (net: Folder): Folder => ({ sys: { class: { net } } })

const bare = {
  lo: { address: '00:00:00:00:00:00\n', uevent: '' },
  eth0: card('52:54:00:30:00:02'),
  eth1: card('52:54:00:30:00:01')
}

t.test('cards are the links with a device, in the order of their addresses', async (t) => {
  const host = filesUnder(t.testdir(sysfs(bare)))
  const { cards, uplinks } = await networkLinks(host)
  t.same(cards, ['eth0', 'eth1'])
  t.same(uplinks, ['eth0', 'eth1'])
  t.same(await cardAddresses(host, cards), ['52:54:00:30:00:01', '52:54:00:30:00:02'])
})

t.test('links that a runtime or a network plugin makes do not belong to the machine', async (t) => {
  const root = t.testdir(
    sysfs({
      ...bare,
      docker0: made('bridge'),
      cni0: made('bridge', 'veth1'),
      veth1: { address: 'aa:aa:aa:aa:aa:ab\n', uevent: '' },
      'flannel.1': made('vxlan', 'eth0'),
      'kube-ipvs0': { address: 'aa:aa:aa:aa:aa:ac\n', uevent: '' },
      // a virtual function of eth0, to be lent to a Pod
      eth2: card('52:54:00:30:00:03', { device: { physfn: {} } })
    })
  )
  const { cards, uplinks } = await networkLinks(filesUnder(root))
  t.same(cards, ['eth0', 'eth1'])
  t.same(uplinks, ['eth0', 'eth1'])
})

t.test('bonds, bridges and VLANs on a card are uplinks, and a card in a bond keeps its own address', async (t) => {
  const slave = (mac: string) => card('52:54:00:30:00:02', { bonding_slave: { perm_hwaddr: `${mac}\n` } })
  const host = filesUnder(
    t.testdir(
      sysfs({
        eth0: slave('52:54:00:30:00:02'),
        eth1: slave('52:54:00:30:00:01'),
        bond0: made('bond', 'eth0', 'eth1'),
        'bond0.7': made('vlan', 'bond0'),
        br0: made('bridge', 'bond0.7')
      })
    )
  )
  const { cards, uplinks } = await networkLinks(host)
  t.same(cards, ['eth0', 'eth1'])
  t.same(uplinks, ['bond0', 'bond0.7', 'br0', 'eth0', 'eth1'])
  t.same(await cardAddresses(host, cards), ['52:54:00:30:00:01', '52:54:00:30:00:02'])
})

t.test('addresses are the sorted ones of the uplinks, without link-local ones', async (t) => {
  const at = (address: string, internal = false) => ({ address, internal }) as NetworkInterfaceInfo
  const interfaces = {
    lo: [at('127.0.0.1', true)],
    eth1: [at('172.30.0.11'), at('fe80::1'), at('169.254.3.4')],
    eth0: [at('10.0.0.5'), at('fd00::5')],
    cni0: [at('10.244.1.1')]
  }
  t.same(ipAddresses(interfaces, ['eth1', 'eth0', 'gone']), ['10.0.0.5', '172.30.0.11', 'fd00::5'])
})
