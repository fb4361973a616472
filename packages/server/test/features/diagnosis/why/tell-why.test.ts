import { causeTable, Why } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { Value } from 'typebox/value'
import { judgeCauses } from '../../../../src/features/diagnosis/why/judge-causes.ts'
import { overlap } from '../../../../src/features/diagnosis/why/judge-node.ts'
import { tellNoNode, tellWhy } from '../../../../src/features/diagnosis/why/tell-why.ts'
import { ago, aReading, condition, now, said } from './a-reading.ts'

const joined = anEnrolment('e1', {
  name: 'worker-1',
  state: 'joined',
  join: { attempts: [{}] },
  node: { condition: 'NotReady' }
})
const tell = (reading = aReading(), enrolment = joined): Why => {
  const told = tellWhy(enrolment, reading, judgeCauses(reading, now, enrolment.diagnosis.reported), now)
  t.ok(Value.Check(Why, told), 'it fits its schema')
  return told
}

t.test('the paragraph has the likeliest cause with its evidence, the next one, and how many there are', async (t) => {
  const { summary, ready, causes } = tell(aReading({ daemonSets: [] }))
  t.equal(ready, false)
  t.equal(causes.length, 3)
  t.match(
    summary,
    /^Node worker-1 has not been Ready for 5 min: the cluster has no network plugin, .* \(0 DaemonSets: .*\)\. Also: the container runtime .*\. 1 more cause is listed\.$/
  )
})

t.test('a Node that is Ready has no cause, whoever laid its network', async (t) => {
  const reading = aReading({ node: { conditions: [condition('Ready', 'True')] }, daemonSets: [] })
  t.match(tell(reading), { ready: true, summary: 'Node worker-1 is Ready.', causes: { length: 0 } })
})

t.test('a Node that is Ready, and on which Pods of the system fail, says which, and no more', async (t) => {
  const node = { conditions: [condition('Ready', 'True')], podCidrs: [] }
  const others = [{ name: 'cp-1', podCidrs: ['10.244.0.0/24'] }]
  const told = tell(aReading({ node, others, daemonSets: [] }), {
    ...joined,
    diagnosis: { ...joined.diagnosis, reported: said(['plugin-failing']) }
  })
  t.match(told, {
    ready: true,
    summary: 'Node worker-1 is Ready, but no network was assigned to the Pods of this Node.',
    causes: [{ code: 'pod-cidr-missing', from: 'cluster' }],
    unseen: undefined
  })
  t.equal(told.causes.length, 1, 'neither what keeps no Node from being Ready, nor what the machine said before')
})

t.test('it says what was not seen, and when the machine said its part', async (t) => {
  t.match(tell(aReading({ unseen: ['DaemonSets could not be read: x'] })).unseen, [
    /^the machine itself has said nothing/,
    'DaemonSets could not be read: x'
  ])
  const reported = said(['disk-full'])
  const told = tell(aReading(), { ...joined, diagnosis: { ...joined.diagnosis, reported } })
  t.match(told, { machine: reported.at, unseen: undefined })
  t.match(told.causes[0]?.text, causeTable['disk-full'])
  t.equal(tell(aReading(), { ...joined, withoutAgent: true }).unseen, undefined, 'no agent was ever there')
})

t.test('an enrolment without a Node says what it waits for', async (t) => {
  const waiting = tellNoNode(anEnrolment('e1', { name: 'worker-1' }), now)
  t.ok(Value.Check(Why, waiting))
  t.match(waiting, {
    ready: false,
    causes: { length: 0 },
    summary: /^Node worker-1 is not in the cluster yet\. .*waiting for approval/
  })
  const joining = anEnrolment('e1', {
    state: 'joining',
    join: { attempts: [{}] },
    diagnosis: { reported: said(['kubelet-failing']) }
  })
  t.match(tellNoNode(joining, now), { machine: /./, causes: [{ code: 'kubelet-failing', from: 'machine' }] })
  t.match(tellNoNode(joined, now).summary, /not in the cluster any more/)
})

t.test('a long time is told in hours', async (t) => {
  const since = { ...condition('Ready', 'False', 'x'), since: ago(90_000) }
  t.match(tell(aReading({ node: { conditions: [since] } })).summary, /for 25 h: /)
})

t.test('two networks overlap if one holds the other', async (t) => {
  const table: [string, string, boolean][] = [
    ['10.244.1.0/24', '10.244.2.0/24', false],
    ['10.244.1.0/24', '10.244.1.0/24', true],
    ['10.244.1.0/24', '10.244.0.0/16', true],
    ['10.244.0.0/16', '10.244.1.0/24', true],
    ['fd00:1::/64', 'fd00:1::/48', true],
    ['fd00::/8', '10.0.0.0/8', false],
    ['fd00::/64', '10.0.0.0/8', false],
    ['not a network', '10.0.0.0/8', false]
  ]
  for (const [one, other, expected] of table) t.equal(overlap(one, other), expected, `${one} ${other}`)
})
