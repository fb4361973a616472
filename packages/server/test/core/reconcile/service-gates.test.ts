import { startupTaint } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { budgets } from '../../../src/core/base/budgets.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import { ServiceGates } from '../../../src/core/reconcile/service-gates.ts'
import { guardedOver } from '../../../src/testing/guarded.ts'

const begun = Date.parse('2026-01-01T01:00:00Z')
const { all, ofOne } = budgets.gates

/** Enrolments that wait for a DaemonSet, over a cluster that counts how often the Pods of each Node are read. */
const waitingOnes = (count: number, { diagnosis = true, holds = false } = {}) => {
  let time = 0
  const reads: string[] = []
  const removed: string[] = []
  const documents = new Map<string, EnrolmentDocument>()
  for (let index = 0; index < count; index += 1) {
    const [id, name] = [`e${index}`, `worker-${index}`]
    const node = { uid: name, condition: 'Ready' as const }
    const more = {
      terms: { readyWhen: ['daemonset:a/b'] },
      join: { attempts: [{}] },
      facts: { machineId: 'm1', productUuid: 'U1' }
    }
    documents.set(id, anEnrolment(id, { name, state: 'ready', since: new Date(begun).toISOString(), node }, more))
  }
  const nodeOf = ({ name }: EnrolmentDocument) => aNode(name, { uid: name, ready: 'True', taints: [startupTaint] })
  const pod = {
    namespace: 'a',
    name: 'b',
    daemonSet: 'b',
    created: new Date(begun),
    labels: {},
    phase: '',
    ready: true
  }
  const gates = new ServiceGates({
    cluster: {
      nodePods: async (name) => {
        reads.push(name)
        return holds ? [pod] : []
      }
    },
    giving: guardedOver({ removeStartupTaint: async ({ name }) => void removed.push(name) }).giving,
    clock: { now: () => new Date(begun + time) },
    monotonic: () => time,
    enrolments: {
      change: async (id, decide) => {
        const before = documents.get(id)
        if (before === undefined) throw new Error('there is none')
        const after = decide(before, new Date(begun + time))?.enrolment ?? before
        documents.set(id, after)
        return after
      }
    },
    diagnosis
  })
  const look = async () => {
    for (const one of documents.values()) await gates.look(one, nodeOf(one))
    return reads.splice(0)
  }
  return { gates, look, removed, documents, nodeOf, passes: (milliseconds: number) => (time += milliseconds) }
}

t.test('of many that wait, nobody is looked at twice before the others were looked at once', async (t) => {
  const { look, gates, passes } = waitingOnes(all.burst + 15)
  t.equal((await look()).length, all.burst)
  t.same(await look(), [], 'the budget of all is used up')
  passes(all.each * 10)
  const second = await look()
  t.equal(second.length, 10)
  t.equal(second[0], `worker-${all.burst}`, 'those that had none')
  passes(ofOne.each)
  t.same(await look(), ['worker-60', 'worker-61', 'worker-62', 'worker-63', 'worker-64'])
  t.ok((await look()).length > 0, 'and from then on all in turn')
  gates.keep([])
  t.notOk(gates.isBusy)
})

t.test('it is busy for a while after a Node is ready, and as long as a look is due', async (t) => {
  const { look, gates, passes } = waitingOnes(1)
  t.notOk(gates.isBusy)
  await look()
  t.ok(gates.isBusy)
  passes(10 * 60_000)
  t.notOk(gates.isBusy, 'then each sweep looks')
  const many = waitingOnes(all.burst + 1)
  await many.look()
  many.passes(10 * 60_000)
  t.ok(many.gates.isBusy, 'one had no look yet')
  await many.look()
  t.notOk(many.gates.isBusy)
})

t.test('the taint goes in the pass that finds the gates hold, and then nobody looks any more', async (t) => {
  const { look, gates, removed, documents, nodeOf } = waitingOnes(1, { holds: true })
  t.same(await look(), ['worker-0'])
  t.same(removed, ['worker-0'])
  const [one] = [...documents.values()]
  t.match(one?.service, { opened: /./, since: /./ })
  t.notOk(one === undefined || gates.isWaiting(one, { ...nodeOf(one), taints: [] }))
  t.notOk(gates.isBusy)
})

t.test('without diagnosis no Pods are read', async (t) => {
  const { look, documents } = waitingOnes(1, { diagnosis: false, holds: true })
  t.same(await look(), [])
  t.match([...documents.values()][0]?.service?.notYet, [/diagnosis is off/])
})
