import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { openReceiver } from '@joinery/testing/pairing/receiver'
import t from 'tap'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
}

t.test('a join of a real agent is one trace, in which every span lies in its parent', async (t) => {
  const collector = await openReceiver(t)
  const pairing = await openPairing(t, { tracing: { endpoint: collector.url } })
  const open = await openWithCode(t, pairing)
  const code = await open.machine.files.read('/etc/joinery/code')
  const { approveCsr } = pairing.cluster
  pairing.cluster.approveCsr = async (csr) => {
    // an agent tells the stages that it sees while kubeadm runs, and this join may be over before it looks
    await eventually('the server knows of the stage', async () => {
      const { timeline } = await pairing.operator.show('worker-1')
      return timeline.some(({ event, detail }) => event === 'progress' && detail.startsWith('[kubelet-start]'))
    })
    await approveCsr(csr)
  }
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  const { headers, text } = await collector.until('a trace', () => true)
  t.equal(headers['content-type'], 'application/json')
  const { id, key } = await pairing.operator.show('worker-1')
  const spans: Span[] = JSON.parse(text).resourceSpans[0].scopeSpans[0].spans
  t.same([...new Set(spans.map(({ traceId }) => traceId))], [id.replaceAll('-', '')])
  const names = spans.map(({ name }) => name)
  for (const name of ['join', 'code', 'approval', 'claim', 'attempt', 'preflight', 'kubelet-start', 'node']) {
    t.ok(names.includes(name), name)
  }
  for (const { name, parentSpanId, startTimeUnixNano, endTimeUnixNano } of spans) {
    t.ok(startTimeUnixNano <= endTimeUnixNano, `${name} takes time`)
    if (parentSpanId === undefined) continue
    const parent = spans.find(({ spanId }) => spanId === parentSpanId)
    t.ok(parent && parent.startTimeUnixNano <= startTimeUnixNano, `${name} begins in its parent`)
    t.ok(parent && parent.endTimeUnixNano >= endTimeUnixNano, `${name} ends in its parent`)
  }
  for (const secret of [code?.trim() ?? '', key]) t.notMatch(text, secret)
  t.equal(collector.received.length, 1)
})
