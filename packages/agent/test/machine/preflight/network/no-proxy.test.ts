import t from 'tap'
import { bypassesProxy, networkBypassesProxy } from '../../../../src/machine/preflight/network/proxy.ts'
import { parseSubnet } from '../../../../src/network/subnets.ts'

const hosts: [noProxy: string, host: string, bypasses: boolean][] = [
  ['', 'api.example.com', false],
  ['*', 'api.example.com', true],
  ['api.example.com', 'api.example.com', true],
  ['API.example.com', 'api.Example.com', true],
  ['example.com', 'api.example.com', true],
  ['example.com', 'badexample.com', false],
  ['.example.com', 'api.example.com', true],
  ['.example.com', 'example.com', false],
  ['*.example.com', 'api.example.com', true],
  ['*.example.com', 'example.com', false],
  ['api.example.com:6443', 'api.example.com', true],
  ['api.example.com:443', 'api.example.com', false],
  ['other, api.example.com ,x', 'api.example.com', true],
  ['172.30.0.1', '172.30.0.1', true],
  ['172.30.0.1:6443', '172.30.0.1', true],
  ['172.30.0.1:443', '172.30.0.1', false],
  ['172.30.0.0/24', '172.30.0.1', true],
  ['172.30.0.0/24', '172.30.1.1', false],
  ['172.30.', '172.30.0.1', false],
  ['172.30.0.0/24', 'api.example.com', false],
  ['fd00::/8', 'fd00::1', true],
  ['fd00::1', 'fd00:0:0::1', true],
  ['[fd00::1]:6443', 'fd00::1', true],
  ['[fd00::1]:443', 'fd00::1', false],
  ['', 'localhost', true],
  ['', '127.0.0.1', true],
  ['', '::1', true],
  [':6443,,', 'api.example.com', false]
]
for (const [noProxy, host, bypasses] of hosts) {
  t.test(`with NO_PROXY=${noProxy}, ${host}:6443 is asked ${bypasses ? 'directly' : 'by the proxy'}`, async (t) => {
    t.equal(bypassesProxy(noProxy, host, 6443), bypasses)
  })
}

const networks: [noProxy: string, network: string, bypasses: boolean][] = [
  ['10.96.0.0/12', '10.96.0.0/16', true],
  ['10.0.0.0/8,192.168.0.0/16', '10.244.0.0/16', true],
  ['10.244.0.0/17', '10.244.0.0/16', false],
  ['10.244.0.1', '10.244.0.0/16', false],
  ['.svc,.cluster.local', '10.96.0.0/16', false],
  ['*', '10.96.0.0/16', true],
  ['fd00::/8', 'fd00:10:96::/112', true],
  ['not/a/network', '10.96.0.0/16', false]
]
for (const [noProxy, network, bypasses] of networks) {
  t.test(`with NO_PROXY=${noProxy}, ${network} is asked ${bypasses ? 'directly' : 'by the proxy'}`, async (t) => {
    const subnet = parseSubnet(network)
    t.equal(subnet !== undefined && networkBypassesProxy(noProxy, subnet), bypasses)
  })
}
