import t from 'tap'
import { bindsAnother, type DecisionSpec, decisionName } from '../../src/door/index.ts'

const spec: DecisionSpec = {
  enrolment: '00000000-0000-4000-8000-000000000001',
  role: 'worker',
  verdict: 'approve',
  key: `sha256:${'a'.repeat(64)}`,
  revision: 5,
  by: 'alice'
}
const name = decisionName(spec, '0123456789abcdef')

t.test('the name of a Decision binds all that is in its spec, in any order of its fields', async (t) => {
  t.match(name, /^approve-0123456789abcdef-[0-9a-f]{32}$/)
  t.equal(bindsAnother(name, spec), false)
  const { by, enrolment, ...rest } = spec
  t.equal(bindsAnother(name, { by, ...rest, enrolment }), false)
  const others: Record<string, unknown>[] = [
    { enrolment: spec.enrolment.replace('1', '2') },
    { role: 'control-plane' },
    { verdict: 'reject' },
    { key: `sha256:${'b'.repeat(64)}` },
    { revision: 6 },
    { by: 'bob' },
    { node: 'n1' },
    { reason: 'any' },
    { later: 'what no version knows yet' }
  ]
  for (const differs of others)
    t.equal(bindsAnother(name, { ...spec, ...differs } as DecisionSpec), true, JSON.stringify(differs))
})

t.test('the unique part is bound too, and another name than that of the command binds nothing', async (t) => {
  const [verdict, unique, digest] = name.split('-')
  t.not(decisionName(spec, 'fedcba9876543210').split('-')[2], digest)
  t.equal(bindsAnother(`${verdict}-fedcba9876543210-${digest}`, spec), true)
  for (const other of ['d-x7k2p', `approve-${unique}`, `${unique}-${digest}`, `${name}-more`, 'approve', ''])
    t.equal(bindsAnother(other, spec), false, other)
})
