import { Cause } from '@joinery/protocol'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { Value } from 'typebox/value'
import { explainLines } from '../../../src/machine/why/explain-lines.ts'
import { whyRules } from '../../../src/machine/why/rules/all.ts'
import type { Look } from '../../../src/machine/why/rules/rule.ts'
import { rows } from './lines.ts'

const nothing = new Set<Look>()

/** The name of the rule that explains the line. The first one that fits counts. */
const ruleOf = (line: string): string | undefined =>
  whyRules.find(({ text }) => text.test(line.replace(/\\+"/g, '"')))?.name

for (const { rule, line, code, text } of rows) {
  t.test(`${rule} explains: ${line.slice(0, 60)}...`, async (t) => {
    t.equal(ruleOf(line), rule)
    const [cause, ...others] = explainLines([line], nothing)
    t.same(others, [])
    t.match(cause, { code, from: 'machine', text })
    t.ok(Value.Check(Cause, cause), 'within the limits of the protocol')
    t.ok(cause && cause.remedy.length > 0, 'a person is told what to do')
    t.notMatch(cause?.text, /\$\d/)
  })
}

t.test('every rule has a text that was really logged, or is put together as its source does it', async (t) => {
  const named = new Set(rows.map(({ rule }) => rule))
  t.same(
    whyRules.filter(({ name }) => !named.has(name)).map(({ name }) => name),
    []
  )
  t.equal(new Set(whyRules.map(({ name }) => name)).size, whyRules.length, 'each name once')
  t.ok(whyRules.length >= 40)
})

t.test('each line of a remedy is one command or a comment', async (t) => {
  const remedies = rows.flatMap(({ line }) => explainLines([line], nothing).flatMap(({ remedy }) => remedy))
  t.same(wrongRemedyLines(remedies), [])
})

t.test('a line means nothing any more if a look says that it is over', async (t) => {
  for (const { rule, line } of rows) {
    const until = whyRules.find(({ name }) => name === rule)?.until
    const others = (['kubelet', 'runtime', 'network', 'api', 'disks'] as const).filter((look) => look !== until)
    t.equal(explainLines([line], new Set(others)).length, 1, `${rule}: other looks do not end it`)
    if (until !== undefined) t.same(explainLines([line], new Set([until])), [], rule)
  }
})

t.test('the newest line comes first, and the same cause comes once', async (t) => {
  const line = (rule: string) => rows.find((row) => row.rule === rule)?.line ?? ''
  const causes = explainLines([line('swap-on'), line('port-taken'), line('swap-on'), 'I1127 nothing of note'], nothing)
  t.match(
    causes.map(({ text }) => text),
    [/swap/, /port 10250/]
  )
})

t.test('a Pod that is no part of the system is not why a Node is not Ready', async (t) => {
  const crash = (namespace: string, pod: string) =>
    `E1127 10:36:00.116838    1849 pod_workers.go:1338] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"web\\" with CrashLoopBackOff: \\"back-off 40s restarting failed container=web pod=${pod}_${namespace}(c0ffee00)\\"" pod="${namespace}/${pod}" podUID="c0ffee00"`
  t.same(explainLines([crash('shop', 'web-1')], nothing), [])
  t.match(explainLines([crash('kube-system', 'web-1')], nothing), [{ code: 'pod-failing' }])
  t.match(explainLines([crash('calico-system', 'calico-node-x7k2p')], nothing), [{ code: 'plugin-failing' }])
  t.same(explainLines([crash('calico-system', 'web-1')], nothing), [])
  const pull = `time="2026-11-27T10:34:48Z" level=error msg="PullImage \\"shop/web:1\\" failed" error="rpc error: code = NotFound desc = failed to pull and unpack image \\"docker.io/shop/web:1\\": failed to resolve image: docker.io/shop/web:1: not found"`
  t.same(explainLines([pull], nothing), [])
})
