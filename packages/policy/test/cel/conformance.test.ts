import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { noFacts } from '@joinery/protocol'
import t from 'tap'
import { Compiler } from '../../src/cel/compile.ts'
import type { Evidence } from '../../src/words/variables.ts'

/**
 * Rows of the CEL project's own conformance suite (cel.dev/expr 0.26.0, Apache-2.0), as the program in `conformance` prints them: each
 * expression that needs nothing but its text, and is a boolean or an error.
 */
const rows = JSON.parse(readFileSync(join(import.meta.dirname, 'conformance.json'), 'utf8')) as {
  place: string
  expr: string
  is: 'true' | 'false' | 'error'
}[]

const evidence: Evidence = {
  machine: { ...noFacts, failing: [], warning: [] },
  seen: { address: '10.7.0.11', key: `sha256:${'4f'.repeat(32)}`, nameFree: true, conflicts: 0, unique: true },
  code: { id: 'c1', name: 'rack-7-{n}', role: 'worker', from: [], labels: {} },
  role: 'worker',
  name: 'rack-7-1',
  now: '2026-03-29T02:30:00.000Z'
}

/** What becomes of an expression: it is refused before any machine is judged, it fails for a machine, or it is true or false. */
const outcome = (expr: string): string => {
  const compiler = new Compiler({})
  if ('fault' in compiler.add(expr)) return 'refused'
  const evaluated = compiler.evaluate(0, evidence)
  return 'failed' in evaluated ? 'failed' : String(evaluated.is)
}

t.test('no boolean of the conformance suite has the wrong value, and no error has one', async (t) => {
  const outcomes = rows.map((row) => ({ ...row, outcome: outcome(row.expr) }))
  const isBoolean = ({ outcome }: { outcome: string }) => outcome === 'true' || outcome === 'false'
  t.same(
    outcomes.filter((one) => isBoolean(one) && one.outcome !== one.is).map(({ place, expr }) => `${place}: ${expr}`),
    []
  )
  const counts = Object.entries(
    Object.groupBy(outcomes, ({ is, outcome }) => `${is === 'error' ? 'error' : 'boolean'}: ${outcome}`)
  )
  t.comment(Object.fromEntries(counts.map(([what, of = []]) => [what, of.length])))
  t.ok(outcomes.filter(isBoolean).length > 350, 'what a policy can say is right')
  t.equal(rows.length, 1231)
})
