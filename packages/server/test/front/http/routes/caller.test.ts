import { X509Certificate } from 'node:crypto'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'
import { fingerprint, noFacts } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { caller } from '../../../../src/front/http/routes/caller.ts'

t.test('a machine is seen at its IPv4 address, also by an IPv6 listener', async (t) => {
  const certificate = new X509Certificate((await loadIdentity(memoryFiles(), '', noFacts)).certificate)
  const seen = (ip: string, headers: Record<string, string> = {}) =>
    caller({
      ip,
      headers,
      raw: { socket: { getPeerX509Certificate: () => certificate } }
    } as unknown as FastifyRequest)
  for (const [ip, address] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7']
  ] as const) {
    t.same(seen(ip), { key: fingerprint(certificate.publicKey), address }, ip)
  }
  const agent = (text: string) => seen('192.0.2.7', { 'user-agent': text }).version
  for (const version of ['0.2.0', '0.2.0~rc.1', 'dev']) t.equal(agent(`joinery-agent/${version}`), version)
  for (const text of ['', 'curl/8', 'joinery-agent/', 'joinery-agent/1\n', `joinery-agent/${'1'.repeat(33)}`])
    t.equal(agent(text), undefined, text)
})
