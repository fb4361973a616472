import { type Check, noFacts } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { boundedPreflight, preflightKept } from '../../../../src/core/enrolment/decision/bounded-evidence.ts'
import { decideSecondKey } from '../../../../src/core/enrolment/decision/conflict.ts'
import { decideEvidence } from '../../../../src/core/enrolment/decision/evidence.ts'

const now = new Date('2026-01-10T00:00:00.000Z')
const check = (index: number, characters: number): Check => ({
  name: `check-${index}`,
  verdict: index === 7 ? 'fail' : 'warn',
  finding: 'f'.repeat(characters),
  why: 'w'.repeat(characters),
  remedy: ['r'.repeat(characters)],
  mends: 'safe'
})
const report = (characters: number): Check[] => Array.from({ length: 40 }, (_, index) => check(index, characters))

t.test('a report that is too long keeps each verdict, and the beginning of each finding', async (t) => {
  const short = report(100)
  t.equal(boundedPreflight(short), short, 'any other stays as it came')
  const long = boundedPreflight(report(500))
  t.same(long[7], { name: 'check-7', verdict: 'fail', finding: `${'f'.repeat(93)}...`, mends: 'safe' })
  t.ok(Buffer.byteLength(JSON.stringify(long)) < preflightKept)
  t.same(boundedPreflight(long), long, 'and stays so')
})

t.test('an enrolment keeps no longer report, and the same report again changes nothing', async (t) => {
  const facts = anEnrolment('a').facts
  const seen = { address: '127.0.0.1', observation: { facts, preflight: report(500) } }
  const { enrolment } = decideEvidence(anEnrolment('a', { address: '127.0.0.1' }), seen, now) ?? {}
  t.equal(enrolment?.preflight[0]?.finding.length, 96)
  if (enrolment !== undefined) t.equal(decideEvidence(enrolment, seen, now), undefined)
})

t.test('a conflict keeps some addresses of the other machine', async (t) => {
  const many = (text: string) => Array.from({ length: 64 }, (_, index) => `${text}${index}`)
  const facts = { ...noFacts, machineId: 'other', macs: many('mac'), addresses: many('address') }
  const other = { key: 'thief', at: now.toISOString(), address: '10.0.0.9', facts }
  const { enrolment } = decideSecondKey(anEnrolment('a'), other, 'why', now) ?? {}
  t.match(enrolment?.conflict.seen, [{ key: 'thief', facts: { machineId: 'other', macs: many('mac').slice(0, 16) } }])
  t.equal(enrolment?.conflict.seen[0]?.facts.addresses.length, 16)
})
