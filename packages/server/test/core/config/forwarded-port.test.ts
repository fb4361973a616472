import t from 'tap'
import { forwardedPort } from '../../../src/core/config/forwarded-port.ts'

t.test('a published port that differs from the own one is reported, because something must forward it', async (t) => {
  const table: [listen: string, address: string, told: RegExp | undefined][] = [
    [':7443', 'https://192.0.2.1:7443', undefined],
    ['[::]:443', 'https://192.0.2.1', undefined],
    [':7443', 'https://192.0.2.1', /to port 443, and this server listens on port 7443: /],
    ['192.0.2.1:443', 'https://[2001:db8::1]:7443', /to port 7443, and this server listens on port 443: /]
  ]
  for (const [listen, address, told] of table) {
    const found = forwardedPort({ listen, address })
    if (told === undefined) t.equal(found, undefined, `${listen} ${address}`)
    else t.match(found, told, `${listen} ${address}`)
  }
})
