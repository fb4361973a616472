import t from 'tap'
import { type Fate, fateAt } from '../../../../src/machine/preflight/firewall/fate.ts'
import type { Act, Match, Rule } from '../../../../src/machine/preflight/firewall/ruleset.ts'

const accept: Act = { do: 'accept' }
const drop: Act = { do: 'drop' }
const back: Act = { do: 'return' }
const jump: Act = { do: 'jump', chain: 'other' }
const goto: Act = { do: 'goto', chain: 'other' }
const rule = (match: Match, act: Act): Rule => ({ match, act })

interface Row {
  name: string
  policy: 'accept' | 'drop'
  input: Rule[]
  other?: Rule[]
  fate: Fate
}

const rows: Row[] = [
  { name: 'the policy decides without a rule', policy: 'drop', input: [], fate: 'drop' },
  { name: 'rules for others do not count', policy: 'accept', input: [rule('no', drop)], fate: 'accept' },
  {
    name: 'the first rule that fits decides',
    policy: 'drop',
    input: [rule('yes', accept), rule('yes', drop)],
    fate: 'accept'
  },
  {
    name: 'dropped before it could be accepted',
    policy: 'accept',
    input: [rule('yes', drop), rule('yes', accept)],
    fate: 'drop'
  },
  { name: 'perhaps accepted, else dropped', policy: 'drop', input: [rule('maybe', accept)], fate: 'unknown' },
  { name: 'perhaps accepted, else accepted', policy: 'accept', input: [rule('maybe', accept)], fate: 'accept' },
  {
    name: 'perhaps dropped, else accepted',
    policy: 'drop',
    input: [rule('maybe', drop), rule('yes', accept)],
    fate: 'unknown'
  },
  { name: 'perhaps dropped, else dropped', policy: 'drop', input: [rule('maybe', drop)], fate: 'drop' },
  { name: 'a rule is not understood', policy: 'drop', input: [rule('yes', { do: 'unknown' })], fate: 'unknown' },
  { name: 'a chain decides', policy: 'drop', input: [rule('yes', jump)], other: [rule('yes', accept)], fate: 'accept' },
  {
    name: 'a chain that does not decide returns',
    policy: 'drop',
    input: [rule('yes', jump), rule('yes', accept)],
    other: [rule('no', drop)],
    fate: 'accept'
  },
  {
    name: 'a chain that it perhaps goes to',
    policy: 'drop',
    input: [rule('maybe', jump)],
    other: [rule('yes', accept)],
    fate: 'unknown'
  },
  {
    name: 'a chain that is left before its end',
    policy: 'accept',
    input: [rule('yes', jump)],
    other: [rule('yes', back), rule('yes', drop)],
    fate: 'accept'
  },
  {
    name: 'a chain that is perhaps left before its end',
    policy: 'accept',
    input: [rule('yes', jump)],
    other: [rule('maybe', back), rule('yes', drop)],
    fate: 'unknown'
  },
  {
    name: 'the policy decides after a chain that does not return',
    policy: 'drop',
    input: [rule('yes', goto), rule('yes', accept)],
    other: [],
    fate: 'drop'
  },
  {
    name: 'a chain that perhaps does not return',
    policy: 'drop',
    input: [rule('maybe', goto), rule('yes', accept)],
    other: [],
    fate: 'unknown'
  },
  {
    name: 'a chain that comes back to itself',
    policy: 'drop',
    input: [rule('yes', jump)],
    other: [rule('yes', jump), rule('yes', jump), rule('yes', accept)],
    fate: 'accept'
  },
  {
    name: 'a chain that is not there',
    policy: 'drop',
    input: [rule('yes', { do: 'jump', chain: 'gone' })],
    fate: 'drop'
  }
]
for (const { name, policy, input, other = [], fate } of rows) {
  t.test(`${name}: ${fate}`, async (t) => {
    const at = { chain: 'input', policy }
    const chains = new Map([
      ['input', input],
      ['other', other]
    ])
    t.equal(fateAt({ inputs: [at], chains }, at), fate)
  })
}

t.test('chains that call each other many times are followed once each', async (t) => {
  const chains = new Map<string, Rule[]>()
  for (let depth = 0; depth < 200; depth += 1) {
    const next = rule('yes', { do: 'jump', chain: `${depth + 1}` })
    chains.set(`${depth}`, [next, next, next])
  }
  chains.set('200', [rule('yes', drop)])
  const input = { chain: '0', policy: 'accept' } as const
  t.equal(fateAt({ inputs: [input], chains }, input), 'drop')
})
