import t from 'tap'
import type { SeenServer, SeenStatus } from '../../src/contract.ts'
import { bytesText, logTexts, serversSeen } from '../../src/ui/model/servers.ts'

const [a, b, c] = ['https://a:7443', 'https://b:7443', 'https://c:7443'] as const
const started = '2026-11-27T08:00:00Z'
const since = '2026-11-27T10:00:00Z'

const status = (more: Partial<SeenStatus>): SeenStatus => ({
  version: '0.1.0',
  agents: { url: a, pin: 'sha256:0' },
  cluster: {},
  enrolments: {} as never,
  ...more
})

const alone = { started, store: { path: '/var/lib/joinery-server/joinery.db' } }
const leads = { ...alone, leadership: { isActive: true, active: a, term: 7, since } }
const standsBy = { ...alone, leadership: { isActive: false, active: b, term: 7, since } }
const three: SeenServer[] = [
  { url: a, state: 'active', seen: since },
  { url: b, state: 'standby', seen: since },
  { url: c, state: 'away' }
]

const table: [what: string, status: Partial<SeenStatus>, summary: RegExp, rows: object[]][] = [
  ['a file', alone, /^One server, .* file of its host/, [{ url: a, word: 'active', isAsked: true, since: started }]],
  ['a view of one', {}, /^Kubernetes names one server\.$/, [{ url: a, word: 'not shown', isAsked: false }]],
  ['a view of two', { servers: [{ url: a }, { url: b }] }, /^Kubernetes names 2 servers\.$/, [{ url: a }, { url: b }]],
  ['one with a log', leads, /^One server, with its log/, [{ url: a, word: 'active', since }]],
  [
    'three with a log',
    { ...leads, servers: three },
    /^3 servers share a log .*\. One is away\.$/,
    [
      { url: a, word: 'active', isAsked: true, since, seen: since, look: { tone: 'good' } },
      { url: b, word: 'stands by', isAsked: false, seen: since, look: { tone: 'busy' } },
      { url: c, word: 'away', isAsked: false, look: { tone: 'bad' } }
    ]
  ],
  [
    'one that stands by',
    {
      ...standsBy,
      servers: [
        { url: b, state: 'active' },
        { url: a, state: 'standby' }
      ]
    },
    /^2 servers share a log [^.]*\.$/,
    [
      { url: b, word: 'active', isAsked: false, since },
      { url: a, word: 'stands by', isAsked: true, since: started }
    ]
  ],
  [
    'none that is active',
    { ...alone, leadership: { isActive: false, term: 7 }, servers: three.slice(1) },
    /None is active\. One is away\.$/,
    [{ url: b }, { url: c }]
  ]
]

t.test('the page says who is active, who stands by and who is away, as far as the door shows it', async (t) => {
  for (const [what, more, summary, rows] of table) {
    const seen = serversSeen(status(more))
    t.match(seen.summary, summary, what)
    t.match(seen.rows, rows, what)
    t.equal(seen.rows.length, rows.length, what)
    t.equal(seen.isWithoutActive, what === 'none that is active', what)
  }
})

t.test('what only a host of its own knows is left out', async (t) => {
  const { rows } = serversSeen(status({ ...leads, servers: three }))
  t.notOk('since' in (rows[1] ?? {}), 'since when another one stands by')
  t.notOk('seen' in (rows[2] ?? {}), 'one of which nothing was ever heard')
  const [view] = serversSeen(status({})).rows
  t.notOk('since' in (view ?? {}))
})

t.test('a console before a server that stands by is led to the active one', async (t) => {
  t.equal(serversSeen(status(standsBy)).elsewhere, b)
  t.notOk('elsewhere' in serversSeen(status(leads)))
  t.notOk('elsewhere' in serversSeen(status({ ...alone, leadership: { isActive: false, term: 1 } })))
})

t.test('the log says how far it is, and how much of etcd it takes', async (t) => {
  const log = {
    number: 9,
    term: 2,
    batches: 1,
    headBytes: 999,
    waiting: 1,
    documents: 1,
    bytes: 1_499,
    written: 2_140_000
  }
  t.same(Object.fromEntries(logTexts(log)), {
    Term: '2',
    'Last batch': '9',
    'In the head': '1 batch, 999 B',
    Waiting: '1 of 1 document',
    Documents: '1 KB',
    Written: '2.1 MB to etcd, since this server started'
  })
  t.match(logTexts({ ...log, batches: 0, documents: 0, waiting: 0 }).slice(2, 4), [
    ['In the head', '0 batches, 999 B'],
    ['Waiting', '0 of 0 documents']
  ])
  t.equal(bytesText(0), '0 B')
})
