import t from 'tap'
import { decideLeave } from '../src/decide-leave.ts'
import type { EtcdMember } from '../src/etcd.ts'

const own = { address: '192.0.2.9', nodeName: 'cp-9' }
const member = (id: string, address: string, part: Partial<EtcdMember> = {}): EtcdMember => ({
  id,
  name: `cp-${id}`,
  peerURLs: [`https://${address}:2380`],
  clientURLs: [`https://${address}:2379`],
  isLearner: false,
  ...part
})
const [first, second, third] = [member('1', '192.0.2.1'), member('2', '192.0.2.2'), member('3', '192.0.2.3')]
const added = member('9', own.address, { name: '', clientURLs: [], isLearner: true })
const started = member('9', own.address, { isLearner: true })
const voter = member('9', own.address)

const remove = { do: 'remove', id: '9' }
const nothing = { do: 'nothing' }
const refuse = (reason: RegExp) => ({ do: 'refuse', reason })

const cases: [string, EtcdMember[], healthy: string[], { do: string; id?: string; reason?: RegExp }][] = [
  ['no member was added', [first], ['1'], nothing],
  ['no member was added, and no member is healthy', [first, second], [], nothing],
  ['the member was added as a learner, and never started', [first, added], ['1'], remove],
  ['the learner was started', [first, started], ['1'], remove],
  ['the member has a vote', [first, voter], ['1'], remove],
  ['the member was added with a vote, and never started', [first, { ...added, isLearner: false }], ['1'], remove],
  ['the member is one of three', [first, second, voter], ['1', '2'], remove],
  [
    'the member is one of three, and another one is ill',
    [first, second, voter],
    ['1'],
    refuse(/^of the other 2 .* 1 are healthy.* 2:/)
  ],
  ['the member is one of four, and another one is ill', [first, second, third, voter], ['1', '3'], remove],
  [
    'the member is one of four, and two are ill',
    [first, second, third, voter],
    ['3'],
    refuse(/^of the other 3 .* 1 are healthy/)
  ],
  ['the member is a learner, and the only voter is ill', [first, added], [], refuse(/0 are healthy/)],
  ['the member’s own health does not count', [first, second, voter], ['1', '9'], refuse(/1 are healthy/)],
  ['another learner has no vote', [first, { ...second, isLearner: true }, voter], ['2'], refuse(/of the other 1 /)],
  ['the member is the last one', [voter], ['9'], refuse(/nothing is left/)],
  [
    'a member of the same name has another address',
    [first, member('4', '192.0.2.4', { name: own.nodeName })],
    ['1'],
    nothing
  ],
  ['a member of another name has this address', [first, { ...voter, name: 'cp-1' }], ['1'], refuse(/is called cp-1/)],
  ['the peer URL is plain http', [first, { ...voter, peerURLs: ['http://192.0.2.9:2380'] }], ['1'], nothing]
]

for (const [name, members, healthy, expected] of cases) {
  t.test(`if ${name}: ${expected.do}`, async (t) => {
    t.match(decideLeave(members, new Set(healthy), own), expected)
  })
}

t.test('an IPv6 address stands in brackets', async (t) => {
  const six = { address: 'fd00::9', nodeName: 'cp-9' }
  t.match(decideLeave([first, { ...voter, peerURLs: ['https://[fd00::9]:2380'] }], new Set(['1']), six), remove)
})

t.test('only the member at this address is ever removed, and never one that etcd needs', async (t) => {
  const others = [first, second, third]
  for (let count = 0; count <= others.length; count++)
    for (let mask = 0; mask < 8; mask++)
      for (const mine of [added, started, voter, undefined]) {
        const members = [...others.slice(0, count), ...(mine ? [mine] : [])]
        const healthy = new Set(others.filter((_, index) => mask & (1 << index)).map(({ id }) => id))
        const leaving = decideLeave(members, healthy, own)
        const well = others.slice(0, count).filter(({ id }) => healthy.has(id)).length
        const may = mine !== undefined && count > 0 && well > count / 2
        t.equal(leaving.do === 'remove', may, JSON.stringify({ count, mask, mine }))
        if (leaving.do === 'remove') t.equal(leaving.id, '9', JSON.stringify(mine))
      }
})
