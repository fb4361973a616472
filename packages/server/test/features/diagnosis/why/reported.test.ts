import { type Cause, type CauseCode, causeCodes, machineCodes, states } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideReported, requireOwnWords } from '../../../../src/features/diagnosis/why/reported.ts'

const now = new Date('2026-01-01T00:10:00Z')
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
const cause = (code: CauseCode, more: Partial<Cause> = {}): Cause => ({
  code,
  from: 'machine',
  text: 'its words',
  evidence: [],
  remedy: [],
  ...more
})
const joined = anEnrolment('e1', { state: 'joined', join: { attempts: [{}] }, node: { condition: 'NotReady' } })

for (const code of causeCodes) {
  const may = machineCodes.includes(code)
  t.test(`a machine ${may ? 'may' : 'may not'} say ${code}`, async (t) => {
    const ask = () => requireOwnWords({ causes: [cause('disk-full'), cause(code)] })
    if (may) t.doesNotThrow(ask)
    else t.throws(ask, { code: 'invalid-request', message: new RegExp(`not ${code} `) })
  })
}

t.test('no machine may say what stands above all that it can see', async (t) => {
  for (const code of ['banned', 'machine-silent', 'plugin-missing', 'plugin-kept-out', 'version-skew'] as const)
    t.notOk(machineCodes.includes(code), code)
  t.throws(() => requireOwnWords({ causes: [cause('disk-full', { from: 'cluster' })] }), { code: 'invalid-request' })
})

t.test('a report is kept in the states in which a Node may be there, and in no other', async (t) => {
  const kept = states.filter(
    (state) => decideReported({ ...joined, state }, { causes: [cause('disk-full')] }, now) !== undefined
  )
  t.same(kept, ['approved', 'joining', 'joined', 'ready', 'recovering', 'failed'])
  t.equal(
    decideReported({ ...joined, join: { ...joined.join, attempts: [] } }, { causes: [] }, now),
    undefined,
    'nobody has claimed'
  )
})

t.test('a report about a Node that is Ready is left', async (t) => {
  const ready = anEnrolment('e1', { state: 'ready', join: { attempts: [{}] }, node: { condition: 'Ready' } })
  t.equal(decideReported(ready, { causes: [cause('disk-full')] }, now), undefined)
})

t.test('a later report replaces the one before, and one that repeats itself is written once a minute', async (t) => {
  const first = decideReported(joined, { causes: [cause('disk-full')] }, now)?.enrolment ?? joined
  t.equal(decideReported(first, { causes: [cause('disk-full')] }, later(59)), undefined)
  t.match(decideReported(first, { causes: [cause('disk-full')] }, later(60))?.enrolment.diagnosis.reported, {
    at: later(60).toISOString()
  })
  const second = decideReported(first, { causes: [cause('runtime-off')] }, later(1))
  t.match(second?.enrolment.diagnosis.reported, { at: later(1).toISOString(), causes: [{ code: 'runtime-off' }] })
  t.equal(second?.enrolment.diagnosis.reported?.causes.length, 1)
  t.same(second?.entries, [], 'the timeline has only what the server takes for the first cause')
})

t.test('of a report only so much is kept, without its remedies', async (t) => {
  const long = 'x\n'.repeat(200)
  const causes = Array.from({ length: 8 }, () =>
    cause('disk-full', { text: long.slice(0, 256), evidence: Array(6).fill(long), remedy: ['rm -rf /'] })
  )
  const {
    diagnosis: { reported }
  } = decideReported(joined, { causes }, now)?.enrolment ?? joined
  t.ok(JSON.stringify(reported).length < 8_000, `${JSON.stringify(reported).length}`)
  for (const { remedy, evidence } of reported?.causes ?? []) {
    t.same(remedy, [])
    t.equal(evidence.length, 2)
    for (const one of evidence) t.match(one, /^[\x20-\x7e]{1,256}$/)
  }
})
