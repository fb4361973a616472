import { hasEnded, noFacts, states } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import type { AttemptDocument } from '../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import {
  guardDays,
  isCodeOver,
  isForgettable,
  isGuard,
  isToShrink,
  needsBan
} from '../../../src/core/retention/decide-prune.ts'
import { essenceOf } from '../../../src/core/retention/pruning.ts'

const day = 24 * 60 * 60_000
const now = new Date('2030-01-01T00:00:00Z')
const ago = (days: number) => new Date(now.getTime() - days * day).toISOString()
const limits = { retention: 90 * day, longestDays: guardDays, now }
const attempt: AttemptDocument = { number: 1, claimed: '', deadline: '', refusedCsrs: [], tokenDeleted: true }
const one = (part: EnrolmentPart = {}): EnrolmentDocument =>
  anEnrolment('e', { revision: 1, state: 'rejected', since: ago(90), created: ago(91), name: 'worker-1' }, part)
const node = (condition: 'Gone' | 'NotReady') => ({ uid: 'n', registered: '', condition, message: '' })
/** What is not over, whatever its age. */
const unfinished: [string, EnrolmentPart][] = [
  ['its Node is there', { node: node('NotReady') }],
  ['a token is left', { join: { attempts: [{ ...attempt, tokenDeleted: false }] } }],
  ['a name is to be banned', { state: 'removed', join: { attempts: [attempt] } }],
  ['a name is to be banned for a stray', { certificates: { stray: [{ csr: '', uid: '', serial: '', node: 'other' }] } }]
]

t.test('an enrolment that has ended is pruned after the retention', async (t) => {
  for (const state of states) {
    const enrolment = one({ state, since: ago(9999) })
    t.equal(isToShrink(enrolment, limits), hasEnded(enrolment), state)
    t.equal(isForgettable({ ...enrolment, pruned: ago(1) }, [], limits), hasEnded(enrolment), state)
  }
  t.equal(isToShrink(one({ since: ago(89.99) }), limits), false, 'not a moment before')
  t.equal(isToShrink(one({ node: node('Gone') }), limits), true)
  t.equal(isToShrink(one({ pruned: ago(1) }), limits), false, 'once')
  for (const [why, part] of unfinished) {
    t.equal(isToShrink(one({ since: ago(9999), ...part }), limits), false, why)
    t.equal(isForgettable(one({ since: ago(9999), pruned: ago(1), ...part }), [], limits), false, why)
  }
})

t.test('a pruned enrolment is forgotten once nothing rests on it', async (t) => {
  const claimed = { pruned: ago(1), join: { attempts: [attempt] } }
  for (const [why, part, forgotten] of [
    ['it never claimed', { pruned: ago(0) }, true],
    ['it has its evidence still', {}, false],
    ['it claimed', claimed, false],
    ['13 months ago', { ...claimed, since: ago(guardDays) }, true],
    ['nearly', { ...claimed, since: ago(guardDays - 0.01) }, false],
    ['a ban was made again', { ...claimed, since: ago(900), certificates: { banned: ago(guardDays - 1) } }, false],
    ['long ago', { ...claimed, since: ago(900), certificates: { banned: ago(guardDays) } }, true],
    ['it was banned before its end', { ...claimed, since: ago(300), certificates: { banned: ago(900) } }, false],
    [
      'its certificate is good',
      { ...claimed, since: ago(900), join: { attempts: [{ ...attempt, certificateExpires: ago(-1) }] } },
      false
    ],
    [
      'it is not',
      { ...claimed, since: ago(900), join: { attempts: [{ ...attempt, certificateExpires: ago(0) }] } },
      true
    ],
    ['it made room for itself', { pruned: ago(1), approval: { replaced: 'n' } }, false],
    ['long ago too', { pruned: ago(1), approval: { replaced: 'n' }, since: ago(guardDays) }, true]
  ] as [string, EnrolmentPart, boolean][]) {
    t.equal(isForgettable(one(part), [], limits), forgotten, why)
  }
  const long = one({ ...claimed, since: ago(1000) })
  t.equal(isForgettable(long, [], { ...limits, longestDays: 1001 }), false, 'certificates are good for longer')
  t.equal(isForgettable(long, [], { ...limits, longestDays: 1000 }), true)
})

t.test('an older enrolment of the name or key is forgotten first', async (t) => {
  const enrolment = one({ pruned: ago(1) })
  t.equal(isForgettable(enrolment, [enrolment], limits), true, 'itself')
  t.equal(isForgettable(enrolment, [one({ id: 'f', created: ago(92) })], limits), false)
  t.equal(isForgettable(enrolment, [one({ id: 'f', created: ago(90) })], limits), true, 'a newer one')
})

t.test('a code is over after nobody could use it for the retention', async (t) => {
  const code = (expires: string) => aCode('c', { expires })
  t.equal(isCodeOver(code(ago(90)), limits), true)
  t.equal(isCodeOver(code(ago(89.99)), limits), false)
  t.equal(isCodeOver(code(ago(-1)), limits), false)
})

t.test('an enrolment that claimed or made room guards a ban, and one that banned needs it', async (t) => {
  t.same(
    [isGuard(one()), isGuard(one({ join: { attempts: [attempt] } })), isGuard(one({ approval: { replaced: 'n' } }))],
    [false, true, true]
  )
  t.same(
    [
      needsBan(one()),
      needsBan(one({ certificates: { nameBanned: true } })),
      needsBan(one({ certificates: { untrusted: 'why' } })),
      needsBan(one({ certificates: { banned: ago(1) } }))
    ],
    [false, true, true, true]
  )
})

t.test('the essence has what a rule reads, and nothing that the machine claimed', async (t) => {
  const said = 'a word of the machine'
  const full = one({
    facts: { ...noFacts, hostname: said },
    preflight: [{ name: said, verdict: 'fail', finding: said }],
    conflict: {
      seen: [{ key: 'k2', address: '', at: ago(1), facts: { ...noFacts, hostname: said } }],
      borrowed: [said]
    },
    approval: {
      evidence: {
        at: '',
        revision: 1,
        key: 'k',
        name: 'n',
        address: '',
        facts: { ...noFacts, os: said },
        preflight: []
      }
    },
    terms: { labels: { said } },
    join: {
      attempts: [
        { ...attempt, tokenId: 'abcdef', csr: { name: 'csr', uid: 'u' }, stage: said, failure: `why\n${said}` }
      ],
      said: { attempt: 1, lines: [{ at: '', line: said }] }
    },
    certificates: {
      nameBanned: true,
      untrusted: 'why',
      unwantedNode: 'n1',
      stray: [{ csr: 'c', uid: 'u', serial: '0A', node: 'other', settled: true }]
    },
    node: node('Gone')
  })
  const essence = essenceOf(full, now)
  t.notMatch(JSON.stringify(essence), said)
  const { pruned, facts, preflight, address, conflict, join, ...kept } = essence
  t.equal(pruned, now.toISOString())
  t.same(
    { facts, preflight, conflict, address },
    { facts: noFacts, preflight: [], conflict: { seen: [] }, address: '' }
  )
  t.match(full, kept)
  const { attempts, ...others } = join
  t.match(full.join, others)
  t.match(attempts, [
    { number: 1, tokenId: 'abcdef', csr: { name: 'csr', uid: 'u' }, tokenDeleted: true, failure: 'why' }
  ])
  t.match(kept.node, { condition: 'Gone' })
  t.match(kept.certificates, { nameBanned: true, untrusted: 'why', unwantedNode: 'n1', stray: { length: 1 } })
})

t.test('a ban outlasts every certificate of a stock cluster by a month', async (t) => {
  t.ok(guardDays >= 366 + 30)
})
