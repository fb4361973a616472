import { facts, enrolment as shown } from '@joinery/testing/command/fixtures'
import t from 'tap'
import { WorkerEngine } from '../../src/cel/engine.ts'
import type { Policy, Rule } from '../../src/document/policy.ts'
import { judgeMachine } from '../../src/ruling/judge-machine.ts'
import { limits } from '../../src/words/limits.ts'

const engine = new WorkerEngine()
t.teardown(() => engine.close())

const enrolment = { ...shown, preflight: [] }
const code = { id: 'c1', role: 'worker' as const, from: ['10.0.0.0/8'], proof: true }
const now = new Date('2026-11-27T12:00:00Z')

const policyOf = async (when: string, more: Partial<Rule> = {}): Promise<Policy> => {
  const [compiled] = await engine.compile([when], {})
  const uses = compiled && 'uses' in compiled ? compiled.uses : []
  const plain = { name: 'a', when, roles: ['worker'], uses, claimsOnly: false, needsProof: false } as const
  const rule: Rule = { ...plain, verdict: 'approve', ...more }
  return { mode: 'enforce', hash: 'sha256:00', rules: [rule] }
}

t.test('no rule approves a machine that leaves a doubt', async (t) => {
  const policy = await policyOf('true')
  const conflict = { key: shown.key, address: '192.0.2.1', at: now.toISOString(), facts }
  const rows: [what: string, more: object, why: RegExp | undefined][] = [
    ['none', {}, undefined],
    ['a check fails', { preflight: [{ name: 'swap', verdict: 'fail', finding: '' }] }, /its preflight fails \(swap\)/],
    [
      'a check that fails is ignored',
      { preflight: [{ name: 'swap', verdict: 'warn', finding: '', ignored: true }] },
      undefined
    ],
    ['it is a copy', { preflight: [{ name: 'unique-machine', verdict: 'fail', finding: '' }] }, /unique-machine/],
    ['another key came', { conflicts: [conflict] }, /another key came with its code/],
    ['its name is in use', { nameConflict: 'Node node-1' }, /its name is in use/],
    ['its name had another machine', { former: { enrolment: 'e0' } }, /belonged to another machine/],
    ['it was approved, and changed', { approved: { revision: 1 } }, /has changed since it was approved/],
    ['it joins without an agent', { withoutAgent: true }, /join command/],
    ['its evidence is gone', { pruned: now.toISOString() }, /evidence is deleted/],
    ['it is a control plane', { role: 'control-plane' }, /no rule holds/]
  ]
  for (const [what, more, why] of rows) {
    const ruling = await judgeMachine(policy, engine, { enrolment: { ...enrolment, ...more }, code }, { now })
    t.match(ruling, why === undefined ? { verdict: 'approve' } : { verdict: 'hold', why }, what)
  }
})

t.test('C1: a rule that asks about the code approves no machine whose code is no proof', async (t) => {
  const policy = await policyOf('code.from.exists(n, n == "10.0.0.0/8")', { needsProof: true })
  const judged = (code: Parameters<typeof judgeMachine>[2]['code'], by = policy) =>
    judgeMachine(by, engine, { enrolment, code }, { now })
  t.match(await judged(code), { verdict: 'approve', lacksProof: undefined })
  const { proof: _, ...ofBefore } = code
  for (const one of [{ ...code, proof: false }, ofBefore]) {
    t.match(await judged(one), {
      verdict: 'hold',
      lacksProof: true,
      why: 'rule a holds, but its code is no proof, since it was made without --proof'
    })
  }
  const byLabel = await policyOf('code.id != ""', { needsProof: true })
  t.match(await judged(undefined, byLabel), { verdict: 'hold', lacksProof: true, why: /its code is not known/ })
  const turnsAway = await policyOf('code.from.exists(n, n == "10.0.0.0/8")', { verdict: 'reject' })
  t.match(await judged(ofBefore, turnsAway), { verdict: 'reject' }, 'to turn away needs no proof')
})

t.test('a rule about a code that is not known holds the machine, and says what is missing', async (t) => {
  const policy = await policyOf('code.from.size() > 0 && code.name == ""')
  t.match(await judgeMachine(policy, engine, { enrolment, code }, { now }), { verdict: 'approve' })
  const ruling = await judgeMachine(policy, engine, { enrolment, code: undefined }, { now })
  t.match(ruling, { verdict: 'hold', failed: /the code is not known, and the rule asks for code.name and code.from/ })
})

t.test('evidence that is too large is shown to no rule', async (t) => {
  const policy = await policyOf('true')
  const long = 'x'.repeat(limits.text + 1)
  const many = Array.from({ length: 2 * limits.items + 1 }, () => 'x')
  for (const more of [
    { facts: { ...facts, serial: long } },
    { facts: { ...facts, macs: [long] } },
    { facts: { ...facts, macs: many } },
    { labels: { [long]: 'x' } },
    { labels: { rack: long } },
    { name: long },
    { preflight: many.map((name) => ({ name, verdict: 'warn' as const, finding: '' })) }
  ]) {
    const ruling = await judgeMachine(policy, engine, { enrolment: { ...enrolment, ...more }, code }, { now })
    t.match(ruling, { verdict: 'hold', why: /the machine has more than/ }, Object.keys(more).join())
  }
})

t.test('a label is a label, whatever its key is', async (t) => {
  const policy = await policyOf('code.labels.rack == "r7" && !has(code.labels.toString)')
  const labels = JSON.parse('{"rack": "r7", "__proto__": "x", "constructor": "y"}')
  t.match(await judgeMachine(policy, engine, { enrolment: { ...enrolment, labels }, code }, { now }), {
    verdict: 'approve'
  })
})
