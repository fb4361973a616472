import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { p256Fingerprint } from '../../../../src/front/connection-guard/peer-key.ts'
import { caller } from '../../../../src/front/http/routes/caller.ts'

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey

/** The last 64 bytes of SubjectPublicKeyInfo are the coordinates. */
const beginsWithZero = (key: KeyObject): boolean => key.export({ type: 'spki', format: 'der' }).at(-64) === 0

t.test('the quick fingerprint of a key equals the usual one', async (t) => {
  let zero = newKey()
  // one key in 256 is such a one
  while (!beginsWithZero(zero)) zero = newKey()
  for (const key of [zero, ...Array.from({ length: 20 }, newKey)])
    t.equal(p256Fingerprint(key), fingerprint(key), fingerprint(key))
})

t.test('a machine is seen at its IPv4 address, also by an IPv6 listener', async (t) => {
  const publicKey = newKey()
  const seen = (ip: string, headers: Record<string, string> = {}) =>
    caller({
      ip,
      headers,
      raw: { socket: { getPeerX509Certificate: () => ({ publicKey }) } }
    } as unknown as FastifyRequest)
  for (const [ip, address] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7']
  ] as const) {
    t.same(seen(ip), { key: fingerprint(publicKey), address }, ip)
  }
  const agent = (text: string) => seen('192.0.2.7', { 'user-agent': text }).version
  for (const version of ['0.2.0', '0.2.0~rc.1', 'dev']) t.equal(agent(`joinery-agent/${version}`), version)
  for (const text of ['', 'curl/8', 'joinery-agent/', 'joinery-agent/1\n', `joinery-agent/${'1'.repeat(33)}`])
    t.equal(agent(text), undefined, text)
})
