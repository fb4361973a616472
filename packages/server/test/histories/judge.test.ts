import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { judge, type Kind } from './judge.ts'
import { type Commit, type End, nothingSeen, type Seen } from './seen.ts'

const at = '2026-03-01T00:00:00.000Z'
const entry = { subject: 'c', entry: { at, actor: 'operator', by: 'alice', event: 'create', detail: '', alert: false } }
const leaf = JSON.stringify({
  v: 1,
  time: at,
  event: 'create',
  subject: 'c',
  actor: 'operator',
  by: 'alice',
  fields: {}
})

/** A commit that makes the code `c`, and was told at 20. */
const made = (over: Partial<Commit> = {}): Commit => ({
  process: 'a-1',
  change: { codes: [aCode('c', { revision: 0 })], entries: [entry], leaves: [leaf] },
  asked: 10,
  told: 20,
  isDone: true,
  ...over
})

/** A store that has what the commit made. */
const end = (over: Partial<End> = {}): End => ({
  codes: [aCode('c', { revision: 1 })],
  enrolments: [],
  entries: [entry],
  leaves: [leaf],
  generation: 0,
  ...over
})
const empty = end({ codes: [], entries: [], leaves: [] })

/** Entry of the code `c` about machines that it refused: the first one without a count, the others in its place. */
const refused = (count?: number, reason = 'revoked', key = count ?? 1) => ({
  subject: 'c',
  entry: {
    at,
    actor: 'agent',
    event: 'refused',
    detail: `${reason}; presented by key key-${key} from 192.0.2.1`,
    alert: false,
    ...(count && { count, last: at })
  }
})

/** Commits that told these refusals, and a store that has those. */
const refusals = (told: ReturnType<typeof refused>[], there: ReturnType<typeof refused>[]): Partial<Seen> => ({
  commits: told.map((one) => made({ change: { entries: [one] } })),
  end: { ...empty, entries: there }
})

/** A code that was revoked on host `b` after the snapshot, and accepted on host `a`, which took over after the restore. */
const unseen = (over: Partial<Seen> = {}): Partial<Seen> => ({
  commits: [made({ process: 'b-1', change: {}, asked: 110_000, told: 111_000 })],
  restores: [{ at: 120_000, to: 100_000 }],
  takeOvers: [{ process: 'a-2', at: 150_000 }],
  asked: [
    { call: 'revoke', process: 'b-1', about: 'c', asked: 110_000, told: 111_000 },
    { call: 'enrol', process: 'a-2', about: 'c', key: 'k', isNew: true, asked: 151_000, told: 152_000 }
  ],
  lives: [
    { process: 'a-1', from: 0, until: 40_000 },
    { process: 'b-1', from: 50_000, until: 120_000 },
    { process: 'a-2', from: 130_000 }
  ],
  ...over
})
const [a1, b1, a2] = unseen().lives ?? []

/** A restore took the commit away, and its document came back by a write that came late. */
const cameLate = (over: Partial<Seen> = {}): Partial<Seen> => ({
  commits: [made()],
  restores: [{ at: 30, to: 15 }],
  late: [{ at: 35, document: 'subject.c' }],
  words: [40],
  end: end({ codes: [], leaves: [] }),
  ...over
})

const claim = { call: 'claim', process: 'a-1', about: 'e', key: 'k' } as const

const table: readonly (readonly [what: string, seen: Partial<Seen>, kinds: Kind[]])[] = [
  ['what was told is there', { commits: [made()], end: end() }, []],
  ['what was told is gone', { commits: [made()], end: empty }, ['lost']],
  [
    'nobody knows what became of it',
    { commits: [made({ told: undefined, isDone: undefined } as never)], end: empty },
    []
  ],
  ['it was refused, and is there', { commits: [made({ isDone: false })], end: end() }, ['refused-and-there']],
  ['a restore took it away', { commits: [made()], end: empty, restores: [{ at: 30, to: 15 }] }, []],
  ['it is older than the backup', { commits: [made()], end: empty, restores: [{ at: 30, to: 25 }] }, ['lost']],
  ['it came after the restore', { commits: [made()], end: empty, restores: [{ at: 5, to: 1 }] }, ['lost']],
  [
    'somebody deleted its document without a word',
    { commits: [made()], end: end({ codes: [] }), hands: [{ at: 30, document: 'subject.c' }] },
    ['lost']
  ],
  [
    'somebody deleted its document, and it was said',
    { commits: [made()], end: end({ codes: [] }), hands: [{ at: 30, document: 'subject.c' }], words: [40] },
    []
  ],
  [
    'somebody deleted another document',
    { commits: [made()], end: end({ codes: [] }), hands: [{ at: 30, document: 'subject.d' }], words: [40] },
    ['lost']
  ],
  [
    'an entry has no leaf',
    { commits: [made({ change: { entries: [entry] } })], end: end({ codes: [], leaves: [] }) },
    ['leaves']
  ],
  ['a count took the place of a refusal', refusals([refused(), refused(2), refused(5)], [refused(5)]), []],
  ['two refusals counted alike', refusals([refused(), refused(2), refused(2, 'revoked', 3)], [refused(2)]), []],
  ['a refusal is gone, and nothing took its place', refusals([refused()], []), ['lost']],
  ['a counted refusal is gone, and nothing took its place', refusals([refused(), refused(2)], []), ['lost']],
  ['a count goes back', refusals([refused(), refused(2), refused(5)], [refused(2)]), ['lost']],
  ['a count goes back to the first refusal', refusals([refused(), refused(2)], [refused()]), ['lost']],
  [
    'a count took the place of two refusals',
    refusals([refused(), refused(undefined, 'revoked', 7), refused(2)], [refused(2)]),
    ['lost']
  ],
  [
    'a count took the place of a refusal for another reason',
    refusals([refused(), refused(undefined, 'expired'), refused(2)], [refused(2)]),
    ['lost']
  ],
  ['a count is of nobody', refusals([refused()], [refused(2)]), ['refused-and-there']],
  ['a leaf is there twice', { commits: [made()], end: end({ leaves: [leaf, leaf] }) }, ['refused-and-there', 'leaves']],
  [
    'two commits made one revision',
    { commits: [made(), made({ change: { codes: [aCode('c', { revision: 0, name: 'other' })] } })], end: end() },
    ['lost', 'double']
  ],
  [
    'two machines won a code',
    {
      commits: [made()],
      end: end(),
      asked: ['k', 'l'].map((key) => ({
        call: 'enrol',
        process: 'a-1',
        about: 'c',
        key,
        isNew: true,
        asked: 30,
        told: 40
      }))
    },
    ['double']
  ],
  [
    'an attempt has two tokens',
    {
      asked: ['x', 'y'].map((token) => ({ ...claim, asked: 30, told: 40, given: { attempt: 1, token } }))
    },
    ['double']
  ],
  [
    'an attempt has another token, since somebody put its document back, and it was said',
    {
      asked: [
        { ...claim, asked: 30, told: 40, given: { attempt: 1, token: 'x' } },
        { ...claim, asked: 70, told: 80, given: { attempt: 1, token: 'y' } }
      ],
      hands: [{ at: 50, document: 'subject.e' }],
      words: [60]
    },
    []
  ],
  [
    'an attempt has another token before it was said that somebody put its document back',
    {
      asked: [
        { ...claim, asked: 30, told: 40, given: { attempt: 1, token: 'x' } },
        { ...claim, asked: 55, told: 58, given: { attempt: 1, token: 'y' } }
      ],
      hands: [{ at: 50, document: 'subject.e' }],
      words: [60]
    },
    ['double']
  ],
  ['a token is of no attempt', { tokens: ['abcdef'] }, ['double']],
  [
    'a token is of an attempt that nobody knows the end of',
    {
      tokens: ['abcdef'],
      commits: [
        {
          process: 'a-1',
          asked: 1,
          change: { enrolments: [anEnrolment('e', { join: { attempts: [{ tokenId: 'abcdef' }] } })] }
        }
      ]
    },
    []
  ],
  [
    'a server reads what was before',
    { commits: [made()], end: end(), reads: [{ process: 'b-1', asked: 25, revisions: new Map() }] },
    ['stale']
  ],
  [
    'a server reads at the same time',
    { commits: [made()], end: end(), reads: [{ process: 'b-1', asked: 15, revisions: new Map() }] },
    []
  ],
  [
    'a rejected machine claims after a restore',
    {
      restores: [{ at: 30, to: 5 }],
      asked: [
        { ...claim, call: 'reject', asked: 10, told: 20 },
        { ...claim, asked: 40, told: 50, given: { attempt: 1, token: 'x' } }
      ]
    },
    ['given-after-restore']
  ],
  [
    'a rejected machine claims after a restore, since an operator approved it again',
    {
      restores: [{ at: 30, to: 5 }],
      asked: [
        { ...claim, call: 'reject', asked: 10, told: 20 },
        { ...claim, call: 'approve', asked: 35, told: 36 },
        { ...claim, asked: 40, told: 50, given: { attempt: 1, token: 'x' } }
      ]
    },
    []
  ],
  [
    'a revoked code is accepted after a restore',
    {
      restores: [{ at: 30, to: 5 }],
      asked: [
        { call: 'revoke', process: 'a-1', about: 'c', asked: 10, told: 20 },
        { call: 'enrol', process: 'a-1', about: 'c', key: 'k', isNew: true, asked: 40, told: 50 }
      ]
    },
    ['given-after-restore']
  ],
  ['the host was there at the snapshot, and none that knows more has come since', unseen(), []],
  [
    'a host takes over that was away for too long before the snapshot',
    unseen({ lives: [{ process: 'a-1', from: 0, until: 27_000 }, b1, a2] as never }),
    ['given-after-restore']
  ],
  [
    'a new host takes over',
    unseen({ faults: [{ at: 125_000, what: 'replaced', host: 'a' }] }),
    ['given-after-restore']
  ],
  [
    'the server had taken over before the restore',
    unseen({ takeOvers: [{ process: 'a-2', at: 119_000 }] }),
    ['given-after-restore']
  ],
  [
    'the server settled what it gives by',
    unseen({ takeOvers: [{ process: 'a-2', at: 150_000, settled: 'no fresh memory' }] }),
    ['given-after-restore']
  ],
  [
    'a host that knows more stood by when the other one took over',
    unseen({ lives: [a1, b1, a2, { process: 'b-2', from: 145_000 }] as never }),
    ['given-after-restore']
  ],
  [
    'a host that knows more came just before',
    unseen({ lives: [a1, b1, a2, { process: 'b-2', from: 149_000 }] as never }),
    []
  ],
  [
    'a host that knows more came late, and nobody heard it',
    unseen({
      takeOvers: [{ process: 'a-2', at: 133_000 }],
      lives: [a1, b1, a2, { process: 'b-2', from: 134_000 }] as never
    }),
    ['given-after-restore']
  ],
  [
    'a host that knows more was lost before it came',
    unseen({
      lives: [a1, b1, a2, { process: 'b-2', from: 145_000 }] as never,
      faults: [{ at: 121_000, what: 'replaced', host: 'b' }]
    }),
    []
  ],
  [
    'a host that knows more could not be heard',
    unseen({
      lives: [a1, b1, a2, { process: 'b-2', from: 145_000 }] as never,
      faults: [{ at: 140_000, what: 'rough weather', host: 'a' }]
    }),
    []
  ],
  ...(
    [
      ['before', { at: 60_000, what: 'rough weather', host: 'a' }],
      ['at another host', { at: 140_000, what: 'cut off', host: 'c' }]
    ] as const
  ).map(
    ([when, fault]) =>
      [
        `a host that knows more could not be heard ${when}`,
        unseen({ lives: [a1, b1, a2, { process: 'b-2', from: 145_000 }] as never, faults: [fault] }),
        ['given-after-restore']
      ] as [string, Partial<Seen>, Kind[]]
  ),
  ['an entry came back late, and somebody heard of it', cameLate(), []],
  ['an entry came back late, and nobody heard of it', cameLate({ words: [34] }), ['leaves']],
  ['another document came back late', cameLate({ late: [{ at: 35, document: 'subject.d' }] }), ['leaves']],
  [
    'an entry lost its leaf that no restore took away',
    cameLate({ restores: [{ at: 30, to: 25 }] }),
    ['lost', 'leaves']
  ],
  [
    'a leaf came back late, and somebody heard of it',
    cameLate({ late: [{ at: 35, document: 'leaves.0' }], end: end({ codes: [], entries: [] }) }),
    []
  ],
  ['a leaf came back with the document of its entry', cameLate({ end: end({ codes: [], entries: [] }) }), ['leaves']],
  [
    'a server was refused before anybody was at the log',
    { takeOvers: [{ process: 'a-1', at: 10, refused: 'log-other' }], restores: [{ at: 30, to: 5 }] },
    ['refused-without-cause']
  ],
  [
    'a host asks again after a crash',
    {
      faults: [{ at: 10, what: 'killed', host: 'a' }],
      takeOvers: [{ process: 'a-2', at: 20, settled: 'no fresh memory' }]
    },
    ['asked-again']
  ],
  [
    'a host that was away asks again',
    {
      faults: [{ at: 10, what: 'killed for long', host: 'a' }],
      takeOvers: [{ process: 'a-2', at: 20, settled: 'no fresh memory' }]
    },
    []
  ],
  [
    'two servers have other rows',
    {
      rows: [
        { host: 'a', rows: { codes: [1], log: [1] } },
        { host: 'b', rows: { codes: [2], log: [2] } }
      ]
    },
    ['differ']
  ],
  ['a server broke down', { broken: ['a-1 could not follow the log'] }, ['broken']]
]

for (const [what, seen, kinds] of table) {
  t.test(`${kinds.join(', ') || 'nothing'}: ${what}`, async (t) => {
    const found = judge({ ...nothingSeen(), ...seen })
    t.same([...new Set(found.map(({ kind }) => kind))], kinds)
  })
}
