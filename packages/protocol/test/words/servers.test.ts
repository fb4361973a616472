import t from 'tap'
import { furtherServers, serverUrl } from '../../src/words/servers.ts'

const a = 'https://192.0.2.1:7443'
const b = 'https://192.0.2.2:7443'

const urls: [text: string, url: string | undefined][] = [
  [a, a],
  ['https://joinery.example.com:7443', 'https://joinery.example.com:7443'],
  ['https://[2001:DB8:0::1]:7443', 'https://[2001:db8::1]:7443'],
  ['https://JOINERY.example.com:443', 'https://joinery.example.com'],
  ['http://192.0.2.1:7443', undefined],
  ['https://192.0.2.1:7443/', undefined],
  ['https://192.0.2.1:7443/v1', undefined],
  ['https://192.0.2.1:7443?a', undefined],
  ['https://192.0.2.1:7443#a', undefined],
  ['https://root@192.0.2.1:7443', undefined],
  ['https://192.0.2.1\\@evil.example:7443', undefined],
  ['https://192.0.2.1:7443\n', undefined],
  ['https://192.0.2.1:0', undefined],
  ['https://192.0.2.1:70000', undefined],
  ['https://exa\u0301mple.com:7443', undefined],
  ['https://%31%39%32.0.2.1:7443', undefined],
  ['https://$(reboot):7443', undefined],
  [`https://${'a'.repeat(600)}:7443`, undefined],
  ['https://', undefined],
  ['', undefined]
]
for (const [text, url] of urls) {
  t.test(`${JSON.stringify(text).slice(0, 60)} is ${url === undefined ? 'no URL of a server' : url}`, async (t) => {
    t.equal(serverUrl(text), url)
  })
}

t.test('the further servers are the others, each once, and only what is a URL of a server', async (t) => {
  t.same(furtherServers({ server: a }), [])
  t.same(furtherServers({ server: a, servers: [a] }), [])
  t.same(furtherServers({ server: a, servers: [b, a, b, 'https://x;reboot'] }), [b])
  t.same(furtherServers({ server: 'https://CP:7443', servers: ['https://cp:7443', b] }), [b], 'in any spelling')
})
