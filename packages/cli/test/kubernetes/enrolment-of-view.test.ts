import { key, now, view } from '@joinery/testing/command/fixtures'
import t from 'tap'
import { enrolmentOfView } from '../../src/kubernetes/enrolments.ts'
import { describeEnrolment } from '../../src/output/enrolment/describe-enrolment.ts'
import { describeEvidence } from '../../src/output/enrolment/describe-evidence.ts'
import { evidence } from '../../src/output/enrolment/evidence.ts'

t.test('a view becomes an enrolment that has what the view has, and nothing else', async (t) => {
  t.same(enrolmentOfView('e1', view), {
    id: 'e1',
    state: 'pending',
    message: 'waits for approval',
    name: 'node-1',
    role: 'worker',
    revision: 3,
    key,
    address: '10.0.0.11',
    code: 'c1',
    credential: 'token',
    created: view.created,
    since: view.since,
    facts: view.machine,
    preflight: [
      { name: 'swap', verdict: 'fail' },
      { name: 'mtu', verdict: 'warn' }
    ],
    conflicts: []
  })
  const expires = '2026-12-02T11:00:00.000Z'
  const node = { uid: 'n1', condition: 'Ready' as const }
  const taints = [{ key: 'a', value: 'b', effect: 'NoSchedule' as const }]
  const more = enrolmentOfView('e1', { ...view, expires, node, taints, nameConflict: 'Node node-1', conflicts: 2 })
  t.match(more, { expires, node, taints, nameConflict: 'Node node-1', conflictCount: 2 })
  t.notOk('conflicts' in more)
  const notYet = ['one is missing']
  t.same(enrolmentOfView('e1', { ...view, notYet }).notYet, notYet)
  t.equal(enrolmentOfView('e1', { ...view, inService: expires }).inService, expires)
  const nothing = { os: '', arch: '', cpus: 0, memory: 0, serial: '', kubelet: '' }
  const joined = enrolmentOfView('e1', { ...view, key: '', machine: nothing })
  t.match(joined, { withoutAgent: true })
  t.same(joined.facts, {})
})

t.test('what a view lacks is named once at the end, and is nowhere shown as empty or zero', async (t) => {
  const seen = enrolmentOfView('e1', { ...view, conflicts: 2, state: 'frozen' })
  const text = describeEnrolment(seen, 'node-1', now, { colour: false, told: (text) => text })
  t.notMatch(text, /<none>|Timeline|Machine ID|Hostname|MACs|Granted|Join key|not among those/)
  t.match(text, /\nOther keys: +2 presented the code\n/)
  t.match(text, / {2}\| Processor: +x86_64\n/)
  t.match(text, / {2}\| CHECK +VERDICT\n {2}\| swap +fail\n {2}\| mtu +warn\n/)
  t.match(text, /\nWhat to do about it; .*:\n +mtu|\nWhat to do about it; .*:\n +swap +swapoff -a\n/)
  t.match(text, /another is: +joinery release node-1 --key KEY, with the whole key/)
  t.match(
    text,
    /\nNot in Kubernetes: timeline, attempts, .*; sudo joinery show on the pairing server's host has them\n$/
  )
  const asked = describeEvidence(seen, { now: () => now }, 'shown')
  t.notMatch(asked, /<none>|Checks that pass|Machine ID/)
  t.match(asked, /\nOther keys: +2 presented the code\n/)
  t.equal(
    evidence(seen, {}),
    'node-1: worker, key 4f1c-22ab-0000-0000-0000, seen at 10.0.0.11, revision 3; as the machine claims: preflight fails: swap\n'
  )
})

t.test('a control plane is shown without the grant that a view cannot know', async (t) => {
  const seen = enrolmentOfView('e1', { ...view, role: 'control-plane', credential: 'certificate' })
  const text = describeEnrolment(seen, 'node-1', now, { colour: false, told: (text) => text })
  t.notMatch(text, /Granted|Seal key|Join key|agent is too old/)
})

t.test('texts of a view cannot steer the terminal', async (t) => {
  const hostile = '\u001b[2J\u0007\u202eevil'
  const machine = { ...view.machine, os: hostile, serial: hostile }
  const seen = enrolmentOfView('e1', { ...view, name: hostile, message: hostile, address: hostile, machine })
  const texts = [describeEnrolment(seen, hostile, now, { colour: false, told: (text) => text }), evidence(seen, {})]
  for (const text of texts) t.notMatch(text, /(?!\n)\p{C}/u)
})
