import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { connectionTo } from '@joinery/kube'
import { apiServer } from '@joinery/testing/cluster/api-server'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { kubernetesNodeEvents } from '../../../../src/adapters/kubernetes/nodes/node-events.ts'
import { makeLog } from '../../../../src/core/base/log.ts'
import { entry } from '../../../../src/core/enrolment/decision/decision.ts'
import type { NodeEvent } from '../../../../src/core/ports/cluster/node-events.ts'
import type { Change } from '../../../../src/core/ports/store/change.ts'
import { nodeEventsOf } from '../../../../src/features/notices/node-events/events-of.ts'
import { NodeEventTeller } from '../../../../src/features/notices/node-events/node-events.ts'

const now = new Date('2026-01-01T00:00:00Z')
const changed = (event: Parameters<typeof entry>[2], part: EnrolmentPart = { node: { uid: 'n1' } }): Change => ({
  enrolments: [anEnrolment('e', { name: 'worker-1' }, part)],
  entries: [{ subject: 'e', entry: entry(now, 'server', event, 'x'.repeat(900)) }]
})

t.test('a Node that is ready, was removed or must not be has an Event, and nothing else has one', async (t) => {
  t.match(nodeEventsOf(changed('become-ready')), [
    { node: 'worker-1', uid: 'n1', reason: 'JoineryReady', type: 'Normal' }
  ])
  t.match(nodeEventsOf(changed('remove')), [{ reason: 'JoineryRemoved', note: /operator/ }])
  t.match(nodeEventsOf(changed('banned')), [{ reason: 'JoineryBanned', type: 'Warning' }])
  t.match(nodeEventsOf(changed('unwanted-node', { certificates: { unwantedNode: 'n2' } })), [
    { reason: 'JoineryBanned', uid: 'n2' }
  ])
  t.same(nodeEventsOf(changed('progress')), [])
  t.same(nodeEventsOf(changed('remove', {})), [], 'there is no Node to tell it on')
  t.ok((nodeEventsOf(changed('banned'))[0]?.note.length ?? 999) <= 250)
  t.equal(nodeEventsOf(changed('banned'))[0]?.id, nodeEventsOf(changed('banned'))[0]?.id, 'one event has one name')
})

const teller = (put: (event: NodeEvent) => Promise<void>) => {
  const lines: string[] = []
  const made = new NodeEventTeller({ events: { put }, log: makeLog({ write: (line) => void lines.push(line) }) })
  return { made, lines }
}

/** Runs until nothing waits any more. */
const tell = async (t: Test, made: NodeEventTeller): Promise<void> => {
  const stop = new AbortController()
  const over = made.start(stop.signal)
  for (let turn = 0; turn < 300; turn += 1) await new Promise(setImmediate)
  stop.abort()
  await over
  t.pass('it ends')
}

t.test('a cluster that takes no Events holds nothing up, and is logged once', async (t) => {
  const { made, lines } = teller(async () => {
    throw new Error('forbidden')
  })
  for (let count = 0; count < 500; count += 1) made.note(changed('become-ready'))
  await tell(t, made)
  t.equal(lines.length, 1)
})

t.test('only so many Events wait, and the newest are told', async (t) => {
  const told: NodeEvent[] = []
  const { made } = teller(async (event) => void told.push(event))
  for (let count = 0; count < 500; count += 1) made.note(changed('become-ready', { node: { uid: `n${count}` } }))
  await tell(t, made)
  t.equal(told.length, 100)
  t.equal(told.at(-1)?.uid, 'n499')
})

t.test(
  'the real client makes an Event that the server has the right to, and one that is there is success',
  async (t) => {
    const requests: { url: string | undefined; body: unknown }[] = []
    let status = 201
    const api = await apiServer(t, async (request, response) => {
      requests.push({ url: request.url, body: await json(request) })
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
    const file = join(t.testdir({}), 'kubeconfig')
    await writeFile(file, api.kubeconfig('secret'))
    const events = kubernetesNodeEvents(connectionTo(file))
    const [event] = nodeEventsOf(changed('become-ready'))
    if (event === undefined) throw new Error('there is none')
    await events.put(event)
    t.match(requests, [
      {
        url: '/apis/events.k8s.io/v1/namespaces/default/events',
        body: {
          metadata: { namespace: 'default' },
          eventTime: /^2026-01-01T00:00:00\.000/,
          regarding: { kind: 'Node', name: 'worker-1', uid: 'n1' },
          reason: 'JoineryReady'
        }
      }
    ])
    status = 409
    await events.put(event)
    status = 403
    await t.rejects(events.put(event), { code: 'cluster-unavailable' })
  }
)
