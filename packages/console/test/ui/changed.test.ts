import t from 'tap'
import type { SeenEnrolment } from '../../src/contract.ts'
import { differences, isOutdated, needsLook } from '../../src/ui/model/changed.ts'
import { aRow, keyB } from './a-row.ts'

const before = aRow('e')
const rows: [what: string, after: Partial<SeenEnrolment>, labels: string[]][] = [
  ['nothing', {}, []],
  ['only the message', { message: 'other words' }, []],
  ['the key', { key: keyB }, ['Key']],
  ['the name', { name: 'other' }, ['Name']],
  ['the role', { role: 'control-plane' }, ['Role']],
  ['the address', { address: '198.51.100.1' }, ['Address seen']],
  ['a fact', { facts: { ...before.facts, memory: 4 * 2 ** 30 } }, ['Memory']],
  [
    'a fact that is gone',
    { facts: { hostname: 'machine', machineId: 'm1', cpus: 4, memory: 8 * 2 ** 30 } },
    ['Serial']
  ],
  ['a verdict', { preflight: [{ name: 'swap', verdict: 'fail', finding: 'swap is on' }] }, ['Check swap']],
  ['a check that is new', { preflight: [...before.preflight, { name: 'mtu', verdict: 'warn' }] }, ['Check mtu']],
  ['a conflict of names', { nameConflict: 'a Node has it' }, ['Name conflict']],
  ['another key with the code', { state: 'frozen', conflictCount: 1 }, ['State', 'Other keys']],
  ['labels', { labels: { rack: 'r8' } }, ['Labels']],
  ['a taint', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }, ['Taints']],
  ['a former machine', { former: { enrolment: 'e0' } }, ['Former machine']]
]

t.test('an operator is told each field that changed under their eyes, and no other', async (t) => {
  for (const [what, after, labels] of rows) {
    t.same(
      differences(before, aRow('e', after)).map(({ label }) => label),
      labels,
      what
    )
  }
})

t.test('a difference says what was there and what is there now', async (t) => {
  t.same(differences(before, aRow('e', { address: '' })), [
    { label: 'Address seen', before: '192.0.2.10', after: 'none' }
  ])
})

t.test('a look is outdated by another revision or another key, and by nothing else', async (t) => {
  t.equal(isOutdated(before, aRow('e', { message: 'other', address: 'other' })), false)
  t.equal(isOutdated(before, aRow('e', { revision: 4 })), true)
  t.equal(isOutdated(before, aRow('e', { key: keyB })), true)
})

const looks: [what: string, seen: Partial<SeenEnrolment>, now: Partial<SeenEnrolment>, needs: boolean][] = [
  ['the same revision', {}, { message: 'other words' }, false],
  ['other evidence', {}, { revision: 4, address: '198.51.100.1' }, true],
  ['another revision of the same', {}, { revision: 4 }, true],
  ['another key', {}, { key: keyB }, true],
  ['an approval', {}, { revision: 4, state: 'approved' }, false],
  ['a join that goes on', { state: 'approved' }, { revision: 5, state: 'joining' }, false],
  ['a Node that is there', { state: 'joining' }, { revision: 6, state: 'joined', preflight: [] }, false],
  ['a join that failed', { state: 'joining' }, { revision: 6, state: 'failed' }, false],
  ['a conflict', {}, { revision: 4, state: 'frozen', conflictCount: 1 }, true],
  ['an approval that was taken back', { state: 'approved' }, { revision: 5, address: '198.51.100.1' }, true],
  ['what is over', {}, { revision: 4, state: 'rejected', address: '198.51.100.1' }, false]
]

t.test('an operator looks again if what they would decide about is not what they saw', async (t) => {
  for (const [what, seen, now, needs] of looks) t.equal(needsLook(aRow('e', seen), aRow('e', now)), needs, what)
})
