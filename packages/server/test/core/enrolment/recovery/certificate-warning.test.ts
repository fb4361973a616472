import { day, hour } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import t from 'tap'
import { certificateWarning } from '../../../../src/core/enrolment/recovery/certificate-warning.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'

const now = new Date('2026-06-01T00:00:00.000Z')
const certificate = (lifetime: number, left: number) => {
  const end = now.getTime() + left
  return {
    serial: '0A',
    notBefore: new Date(end - lifetime).toISOString(),
    notAfter: new Date(end).toISOString()
  }
}
const year = 365 * day
const ofNode = (part: Partial<Csr>) => aCsr('csr-1', { username: 'system:node:worker-1', ...part })

const rows: [
  what: string,
  lifetime: number,
  left: number,
  ready: 'True' | 'Unknown',
  csrs: Csr[],
  said: RegExp | undefined
][] = [
  ['a year, 30 days and a second left', year, 30 * day + 1000, 'True', [], undefined],
  ['a year, 30 days left', year, 30 * day, 'True', [], /ends at .* asks for none, so rotateCertificates may be off$/],
  ['a day, three hours left', day, 3 * hour, 'True', [], undefined],
  ['a day, two hours left', day, 2 * hour, 'True', [], /was not renewed/],
  ['a year, over', year, -1, 'Unknown', [], /ended at .* is off or cut off$/],
  ['a request that waits', year, day, 'True', [ofNode({})], /csr-1 waits for an approval$/],
  ['a request that was denied', year, day, 'True', [ofNode({ denied: true })], /csr-1 was denied$/],
  ['a request that nobody signs', year, day, 'True', [ofNode({ approved: true })], /issues no certificate$/],
  [
    'the last request counts',
    year,
    day,
    'True',
    [ofNode({ denied: true, created: now }), ofNode({ created: new Date(0) })],
    /was denied$/
  ]
]
for (const [what, lifetime, left, ready, csrs, said] of rows) {
  t.test(`${what}: ${said === undefined ? 'no warning' : 'a warning'}`, async (t) => {
    const warning = certificateWarning(certificate(lifetime, left), { ready }, csrs, now)
    if (said === undefined) t.equal(warning, undefined)
    else t.match(warning, said)
  })
}

t.test('nothing is said of a certificate that the server never saw', async (t) => {
  t.equal(certificateWarning(undefined, { ready: 'Unknown' }, [], now), undefined)
})
