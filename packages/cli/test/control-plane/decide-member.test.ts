import type { EtcdMember } from '@joinery/etcd'
import t from 'tap'
import { decideMember } from '../../src/control-plane/decide-member.ts'

const member = (number: number, part: Partial<EtcdMember> = {}): EtcdMember => ({
  id: `${number}`,
  name: `cp-${number}`,
  peerURLs: [`https://192.0.2.${number}:2380`],
  clientURLs: [`https://192.0.2.${number}:2379`],
  isLearner: false,
  ...part
})
const [here, leaver] = [['127.0.0.1', '192.0.2.1', 'fd00::1'], { name: 'cp-2', address: '192.0.2.2' }]
const [one, two, three] = [member(1), member(2), member(3)]
const remove = { do: 'remove', id: '2' }
const nothing = { do: 'nothing' }
const refuse = (reason: RegExp) => ({ do: 'refuse', reason })

const cases: [string, EtcdMember[], healthy: string[], { do: string; id?: string; reason?: RegExp }][] = [
  ['the member is one of three', [one, two, three], ['1', '2', '3'], remove],
  ['the member is one of three and dead', [one, two, three], ['1', '3'], remove],
  ['the member is one of two', [one, two], ['1', '2'], remove],
  ['the member is removed already', [one, three], ['1', '3'], nothing],
  ['the member is removed already, and no member is healthy', [one, three], [], nothing],
  [
    'another member is ill',
    [one, two, three],
    ['1', '2'],
    refuse(/^of the other 2 .* 1 are healthy, and etcd needs 2/)
  ],
  ['the member is the last one', [two], ['2'], refuse(/nothing is left of etcd/)],
  ['the other member is a learner', [member(1, { isLearner: true }), two], ['1', '2'], refuse(/no other member/)],
  ['the member is a learner', [one, member(2, { isLearner: true })], ['1'], remove],
  [
    'the member came to another address than it was seen at',
    [one, member(2, { peerURLs: ['https://10.0.0.2:2380'] })],
    ['1'],
    remove
  ],
  ['the member was never started', [one, member(2, { name: '', isLearner: true })], ['1'], remove],
  [
    'a member at another address was never started',
    [one, member(2, { name: '', peerURLs: ['https://192.0.2.9:2380'] })],
    ['1'],
    nothing
  ],
  ['another member is at its address', [one, member(2, { name: 'cp-9' })], ['1'], nothing],
  [
    'two members have its name',
    [one, two, member(3, { name: 'cp-2' })],
    ['1', '2', '3'],
    refuse(/two members .* 2 and 3$/)
  ],
  [
    'the member is this machine’s',
    [member(2, { peerURLs: ['https://192.0.2.1:2380'] }), three],
    ['2', '3'],
    refuse(/this machine/)
  ],
  [
    'the member is this machine’s, by IPv6',
    [member(2, { peerURLs: ['https://[fd00::1]:2380'] }), three],
    ['3'],
    refuse(/this machine/)
  ]
]

for (const [name, members, healthy, expected] of cases) {
  t.test(`if ${name}: ${expected.do}`, async (t) => {
    t.match(decideMember(members, new Set(healthy), leaver, here), expected)
  })
}
