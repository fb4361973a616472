import { agentRoutes } from '@joinery/protocol'
import t from 'tap'
import { knownFields } from '../../../src/front/http/routes/agents.ts'

const { enrol, claim, outcome, wait } = agentRoutes
const facts = { hostname: 'h', macs: [] }
const check = { name: 'swap', verdict: 'pass', finding: '' }

const table: [what: string, schema: Parameters<typeof knownFields>[0], value: unknown, left: unknown][] = [
  ['a field beside the others', enrol.body, { name: 'n', later: 1 }, { name: 'n' }],
  ['a field in an object', enrol.body, { facts: { ...facts, tpm: {} } }, { facts }],
  [
    'a field in each item of a list',
    enrol.body,
    { preflight: [{ ...check, since: '' }, check] },
    { preflight: [check, check] }
  ],
  ['a field that every object inherits', enrol.body, { name: 'n', toString: 1, constructor: {} }, { name: 'n' }],
  [
    'a field of the form that it has',
    outcome.body,
    { outcome: 'ready', certificate: {}, later: 1 },
    { outcome: 'ready', certificate: {} }
  ],
  [
    'a field of the other form',
    outcome.body,
    { outcome: 'ready', certificate: {}, attempt: 1 },
    { outcome: 'ready', certificate: {} }
  ],
  ['a field beside a claim', claim.body, { request: 'r', later: 1 }, { request: 'r' }],
  ['a field of a query', wait.query, { after: '1', line: 'x' }, { after: '1' }]
]

t.test('what the schema does not know is left out, and nothing else', async (t) => {
  for (const [what, schema, value, left] of table) {
    t.strictSame(knownFields(schema, value), left, what)
    t.equal(knownFields(schema, left), left, `the same value without ${what}`)
  }
})

t.test('a value of no known form is left to the schema', async (t) => {
  for (const value of [undefined, null, 'text', 7, [], { outcome: 'lost', later: 1 }]) {
    t.equal(knownFields(outcome.body, value), value, JSON.stringify(value))
  }
  t.equal(knownFields(claim.body, null), null)
})
