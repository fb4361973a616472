import t from 'tap'
import {
  afterMeetingServer,
  afterNaming,
  apart,
  askable,
  type KnownServers,
  type LearnedServer,
  mayHaveNextKey
} from '../../../src/pairing/servers/known-servers.ts'

const url = (number: number): string => `https://192.0.2.${number}:7443`
const [own, x, y] = [url(0), url(1), url(2)]
const once = (at: string, named: number): LearnedServer => ({ url: at, named, proven: false })
const proven = (at: string): LearnedServer => ({ url: at, named: 0, proven: true })
const known = (...learned: LearnedServer[]): KnownServers => ({ configured: [own], learned })
const now = 10 * apart

const table: [what: string, before: LearnedServer[], from: string, named: string[], after: LearnedServer[]][] = [
  ['one is named for the first time', [], own, [own, x], [once(x, now)]],
  ['it is named again too soon', [once(x, now - apart + 1)], own, [x], [once(x, now - apart + 1)]],
  [
    'it is named again, long enough after',
    [once(x, now - apart)],
    own,
    [x],
    [{ ...once(x, now - apart), proven: true }]
  ],
  ['it is proven, and named again', [proven(x)], own, [x, y], [proven(x), once(y, now)]],
  ['it was named, and is no longer', [once(x, now - apart), proven(y)], own, [own], []],
  ['a learned one names others', [proven(x)], x, [x, y], [proven(x)]],
  [
    'a learned one names what was named before',
    [proven(x), once(y, now - apart)],
    x,
    [x, y],
    [proven(x), { ...once(y, now - apart), proven: true }]
  ],
  ['a learned one names none', [proven(x)], x, [], []]
]
for (const [what, before, from, named, after] of table) {
  t.test(`after naming: ${what}`, async (t) => {
    t.same(afterNaming(known(...before), named, from, now).learned, after)
  })
}

t.test('a server of the configuration is known in any spelling', async (t) => {
  const configured = ['https://CP-1.example:443'] as const
  t.same(afterNaming({ configured, learned: [] }, ['https://cp-1.example'], configured[0], now).learned, [])
})

t.test('an agent keeps as many as a statement may name', async (t) => {
  const many = Array.from({ length: 99 }, (_, index) => url(1 + index))
  t.same(
    afterNaming(known(), many, own, now).learned.map((server) => server.url),
    many.slice(0, 16)
  )
})

t.test('only what was named twice may be asked, after those of the configuration', async (t) => {
  t.same(askable(known(once(x, 0), proven(y))), [own, y])
})

t.test(
  'the next key counts at configured servers, met or not, and at those that were met by the present one',
  async (t) => {
    const [present, other] = ['sha256:a', 'sha256:b']
    const servers = afterMeetingServer(known(proven(x), proven(y)), x, present)
    t.ok(mayHaveNextKey(servers, own, present))
    t.ok(mayHaveNextKey(servers, x, present))
    t.notOk(mayHaveNextKey(servers, y, present), 'it was only learned')
    t.notOk(mayHaveNextKey(servers, x, other), 'it was met by an older key')
    t.notOk(mayHaveNextKey(servers, url(9), present))
    t.equal(afterMeetingServer(known(), own, present).learned.length, 0)
  }
)
