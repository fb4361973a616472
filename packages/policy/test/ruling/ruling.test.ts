import t from 'tap'
import type { Policy, Rule } from '../../src/document/policy.ts'
import { countingRules, judgeAgain, rulingBy } from '../../src/ruling/ruling.ts'

const rule = (name: string, more: Partial<Rule> = {}): Rule => ({
  name,
  when: 'true',
  verdict: 'approve',
  roles: ['worker'],
  uses: [],
  claimsOnly: false,
  needsProof: false,
  ...more
})
const policy = (...rules: Rule[]): Policy => ({ mode: 'enforce', hash: 'sha256:00', rules })
const plain = { doubts: [], isSpent: () => false }
const now = new Date('2026-11-27T12:30:20Z')

t.test('which rules count for a role at a time', async (t) => {
  const all = policy(
    rule('workers'),
    rule('both', { verdict: 'hold', roles: ['worker', 'control-plane'] }),
    rule('morning', { between: { from: '08:00', to: '12:00' } }),
    rule('noon', { between: { from: '12:00', to: '13:00' } })
  )
  t.same(countingRules(all, 'worker', now), [0, 1, 3])
  t.same(countingRules(all, 'control-plane', now), [1])
})

t.test('what the first rule that holds or fails means', async (t) => {
  const all = policy(
    rule('quick', { quota: 2, claimsOnly: true }),
    rule('wait', { verdict: 'hold' }),
    rule('never', { verdict: 'reject' })
  )
  t.match(rulingBy(all, undefined, plain), { verdict: 'hold', why: 'no rule holds', rule: undefined })
  t.match(rulingBy(all, { number: 0 }, plain), {
    verdict: 'approve',
    why: 'rule quick holds, only by what the machine claims'
  })
  t.match(rulingBy(all, { number: 1 }, plain), { verdict: 'hold', why: 'rule wait holds' })
  t.match(rulingBy(all, { number: 2 }, plain), { verdict: 'reject', why: 'rule never holds' })
  t.match(rulingBy(all, { number: 0, failed: 'x' }, plain), {
    verdict: 'hold',
    failed: 'x',
    why: 'rule quick could not be evaluated: x'
  })
  t.match(
    rulingBy(all, { number: 2, failed: 'x' }, plain),
    { verdict: 'hold' },
    'a rejection that fails rejects nobody'
  )
  t.match(rulingBy(all, { number: 9 }, plain), { verdict: 'hold' }, 'a rule that is not there decides nothing')
  t.match(rulingBy(all, { number: 0 }, { ...plain, isSpent: () => true }), { verdict: 'hold', why: /its quota$/ })
  const doubtful = { ...plain, doubts: ['a', 'b'] }
  t.match(rulingBy(all, { number: 0 }, doubtful), { verdict: 'hold', why: 'rule quick holds, but a and b' })
  t.match(rulingBy(all, { number: 2 }, doubtful), { verdict: 'reject' }, 'a doubt keeps nobody from a rejection')
})

t.test('when a ruling may be another one by time alone', async (t) => {
  const rows: [what: string, policy: Policy, verdict: 'hold' | 'approve', rule: Rule | undefined, again?: string][] = [
    ['no rule holds', policy(rule('a')), 'hold', undefined],
    ['a rule holds it', policy(rule('a', { verdict: 'hold' })), 'hold', rule('a', { verdict: 'hold' })],
    ['approved', policy(rule('a', { uses: ['now'] })), 'approve', rule('a')],
    ['a rule uses the time', policy(rule('a', { uses: ['now'] })), 'hold', undefined, '12:31:20'],
    [
      'a rule asks whether its name is free',
      policy(rule('a', { uses: ['seen.nameFree'] })),
      'hold',
      undefined,
      '12:31:20'
    ],
    ['a rule asks for its serial number', policy(rule('a', { uses: ['machine.serial'] })), 'hold', undefined],
    ['a window begins', policy(rule('a', { between: { from: '20:00', to: '21:00' } })), 'hold', undefined, '20:00:00'],
    ['an approval is held', policy(rule('a')), 'hold', rule('a'), '12:31:20']
  ]
  for (const [what, all, verdict, by, again] of rows) {
    const at = judgeAgain(all, { verdict, why: '', ...(by && { rule: by }) }, now)
    t.equal(at?.toISOString(), again && `2026-11-27T${again}.000Z`, what)
  }
  const failed = judgeAgain(
    policy(rule('a')),
    { verdict: 'hold', why: '', rule: rule('b', { verdict: 'hold' }), failed: 'x' },
    now
  )
  t.equal(failed?.toISOString(), '2026-11-27T12:31:20.000Z', 'a rule failed')
})
