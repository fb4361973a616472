import t from 'tap'
import { bodyFor, protocolVersion, readProtocolVersion } from '../src/index.ts'

t.test('a server that says no version, or anything else than one, has version 1', async (t) => {
  t.equal(readProtocolVersion(String(protocolVersion)), protocolVersion)
  for (const header of [undefined, '', '0', '-1', '2.0', ' 2', '99999', ['2', '3'], '2, 3']) {
    t.equal(readProtocolVersion(header), 1, String(header))
  }
})

t.test('a body has no field that the server does not know, however deep, and all others', async (t) => {
  const since = { lately: 3, 'facts.tpm': 2, 'preflight[].since': 3 }
  const body = {
    code: 'c',
    lately: true,
    facts: { hostname: 'h', tpm: '2.0' },
    preflight: [{ name: 'a', since: 1 }, { name: 'b' }]
  }
  const before = structuredClone(body)
  t.same(bodyFor({ since }, body, 3), body)
  t.same(bodyFor({ since }, body, 2), {
    code: 'c',
    facts: { hostname: 'h', tpm: '2.0' },
    preflight: [{ name: 'a' }, { name: 'b' }]
  })
  t.same(bodyFor({ since }, body, 1), {
    code: 'c',
    facts: { hostname: 'h' },
    preflight: [{ name: 'a' }, { name: 'b' }]
  })
  t.same(body, before, 'the body itself stays')
  for (const other of [undefined, null, 'text', { facts: null }, { preflight: 'none' }]) {
    t.same(bodyFor({ since }, other, 1), other, JSON.stringify(other))
  }
})
