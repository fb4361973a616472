import { states } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { isToBan } from '../../../../src/core/enrolment/node/certificate-ban.ts'
import { decideRemove, requireDeletable } from '../../../../src/core/enrolment/verbs/remove.ts'

const now = new Date('2026-01-01T00:05:00Z')
const enrolment = (part: EnrolmentPart) => anEnrolment('e1', { name: 'worker-1', join: { attempts: [{}] } }, part)

t.test('only an enrolment that has joined, failed or expired is removed', async (t) => {
  for (const state of states) {
    const remove = () => decideRemove(enrolment({ state }), now)
    if (['joined', 'ready', 'recovering', 'failed', 'expired'].includes(state))
      t.equal(remove().enrolment.state, 'removed', state)
    else t.throws(remove, { code: 'illegal-event' }, state)
  }
})

t.test('a removal bans the name, unless nobody had claimed it', async (t) => {
  t.equal(isToBan(decideRemove(enrolment({ state: 'ready' }), now).enrolment), true)
  t.equal(isToBan(decideRemove(enrolment({ state: 'expired', join: { attempts: [] } }), now).enrolment), false)
})

t.test('a removal notes at once that its Node must go', async (t) => {
  t.match(decideRemove(enrolment({ state: 'ready', node: { uid: 'n1' } }), now), {
    enrolment: { certificates: { unwantedNode: 'n1' } },
    entries: [{ event: 'remove', actor: 'operator', alert: false }]
  })
})

t.test('the server does not delete the Node of a control plane, by role or by label', async (t) => {
  const node = (labels = {}) => aNode('worker-1', { labels })
  const labelled = node({ 'node-role.kubernetes.io/control-plane': '' })
  const [worker, controlPlane] = [enrolment({ role: 'worker' }), enrolment({ role: 'control-plane' })]
  for (const document of [worker, undefined])
    t.doesNotThrow(() => requireDeletable(document, node(), undefined), `${document?.role}`)
  for (const [document, seen, again, remedy] of [
    [worker, labelled, 'joinery remove e1', /^on another control-plane host than worker-1: sudo joinery remove e1$/],
    [controlPlane, node(), 'joinery remove e1', /: sudo joinery remove e1$/],
    [undefined, labelled, undefined, /kubeadm reset, .* delete node worker-1$/]
  ] as const) {
    const refused = { code: 'illegal-event', message: /^worker-1 is a control plane/, text: { remedy } }
    t.throws(() => requireDeletable(document, seen, again), refused, String(remedy))
  }
})
