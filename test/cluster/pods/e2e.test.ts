import t from 'tap'
import { readOutcomes, those } from './e2e.ts'

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="5">
  <testsuite name="Kubernetes e2e suite" tests="5">
    <testcase name="[SynchronizedBeforeSuite]" classname="Kubernetes e2e suite" status="passed" time="0.1"></testcase>
    <testcase name="[It] [sig-node] Pods should be &#34;updated&#34; [Conformance] [sig-node, Conformance]" classname="x" status="passed" time="4"></testcase>
    <testcase name="[It] [sig-network] DNS should resolve &lt;names&gt; [Conformance]" classname="x" status="failed" time="4"><failure/></testcase>
    <testcase name="[It] [sig-network] Services should time out" classname="x" status="timedout" time="4"></testcase>
    <testcase name="[It] [sig-apps] Job should run" classname="x" status="skipped" time="0"></testcase>
  </testsuite>
</testsuites>`

t.test("the tests that were chosen are read from Ginkgo's report, and all but passed ones have failed", async (t) => {
  const outcomes = readOutcomes(report)
  t.same(those(outcomes, 'passed'), ['[sig-node] Pods should be "updated" [Conformance]'])
  t.same(those(outcomes, 'failed'), [
    '[sig-network] DNS should resolve <names> [Conformance]',
    '[sig-network] Services should time out'
  ])
})
