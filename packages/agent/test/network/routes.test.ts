import t from 'tap'
import { readRoutes } from '../../src/network/routes.ts'
import { tableHost } from '../support/table-host.ts'

// as Linux 6.18 prints them, a route that rejects and one with a metric added
const ipv4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
*	0000000A	00000000	0201	0	0	0	000000FF	0	0	0
`
const ipv6 = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000004 00000000 80200001       lo
fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`

t.test('routes come in the kernel’s order, without rejecting routes and routes to own addresses', async (t) => {
  const host = tableHost({ files: { '/proc/net/route': ipv4, '/proc/net/ipv6_route': ipv6 } })
  const eth0 = (family: string, destination: string, gateway: string | undefined, metric: number) => ({
    device: 'eth0',
    family,
    destination,
    length: Number(destination.split('/')[1]),
    gateway,
    metric
  })
  t.same(await readRoutes(host), [
    eth0('ipv4', '0.0.0.0/0', '192.0.2.1', 100),
    eth0('ipv4', '192.0.2.0/24', undefined, 0),
    eth0('ipv6', 'fd00::/64', undefined, 256),
    eth0('ipv6', 'fe80::/64', undefined, 256),
    eth0('ipv6', '::/0', 'fd00::1', 1024)
  ])
})

t.test('a machine without a network has no routes', async (t) => {
  t.same(await readRoutes(tableHost({})), [])
})
