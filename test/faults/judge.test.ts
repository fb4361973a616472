import type { EnrolmentDetail, State } from '@joinery/protocol'
import { detail } from '@joinery/testing/command/fixtures'
import t from 'tap'
import type { ClusterCall, Exchange, History } from './history.ts'
import { judge, type Rule, rules } from './judge.ts'

const [id, key, tokenId] = ['e1', `sha256:${'a'.repeat(64)}`, 'abcdef']
const begun = Date.parse('2026-01-01T00:00:00Z')
const minute = 60_000
const at = (minutes: number): string => new Date(begun + minutes * minute).toISOString()
const after = (minutes: number): number => begun + minutes * minute

const entry = (minutes: number, event: string) => ({ at: at(minutes), actor: '', event, detail: '', alert: false })

/** An answer at that minute, asked for a tenth before; `text`: its body. */
const exchange = (
  minutes: number,
  call: string,
  status: number,
  text: object,
  more: Partial<Exchange> = {}
): Exchange => ({
  call,
  sent: after(minutes - 0.1),
  ended: after(minutes),
  status,
  text: JSON.stringify(text),
  ...more
})
const agent = (minutes: number, call: string, state: State, revision: number, attempt = 0): Exchange =>
  exchange(minutes, call, 200, { id, revision, state, attempt }, { key })
const operator = (
  minutes: number,
  call: string,
  state: State,
  revision: number,
  more: Partial<Exchange> = {}
): Exchange => exchange(minutes, call, 200, { id, revision, state, attempts: [] }, { reference: id, ...more })

const approval = operator(2, 'approve', 'approved', 2, { body: { key } })
const claim = exchange(3, 'claim', 200, { token: `${tokenId}.secret` }, { key })

const clusterCall = (minutes: number, call: string, args: unknown[] = []): ClusterCall => ({
  call,
  args,
  sent: after(minutes),
  done: after(minutes),
  refused: false
})
const createToken = (minutes: number, expires = 13) =>
  clusterCall(minutes, 'createToken', [{ id: tokenId, expires: new Date(after(expires)) }])

const enrolment = (state: State, timeline: EnrolmentDetail['timeline']): EnrolmentDetail => ({
  ...detail,
  id,
  state,
  key,
  name: 'worker-1',
  facts: { ...detail.facts, machineId: 'm1' },
  attempts: [{ number: 1, tokenId, claimed: at(3), deadline: at(13) }],
  timeline
})

const joined = [
  entry(1, 'enrol'),
  entry(2, 'approve'),
  entry(3, 'claim'),
  entry(4, 'csr-approved'),
  entry(5, 'register')
]
const rejected = [...joined.slice(0, 4), entry(5, 'reject')]

/** One machine that joined, its token deleted, swept twice. */
const calm: History = {
  exchanges: [
    exchange(0.5, 'createCode', 201, { id: 'c1', code: 'jny_CODE' }),
    agent(1, 'enrol', 'pending', 1),
    approval,
    agent(2.5, 'wait', 'approved', 2),
    claim,
    agent(6, 'wait', 'joined', 5, 1)
  ],
  clusterCalls: [
    createToken(2.95),
    clusterCall(5, 'deleteToken', [tokenId]),
    clusterCall(6, 'settleBannedLeases'),
    clusterCall(7, 'settleBannedLeases')
  ],
  certificates: [{ tokenId, csr: 'csr-1' }],
  quiet: [{ from: after(0), to: after(20) }],
  enrolments: [enrolment('joined', joined)],
  codes: [{ id: 'c1', status: 'used' } as History['codes'][number]],
  nodes: [{ name: 'worker-1', machineId: 'm1' } as History['nodes'][number]],
  secrets: ['jny_CODE', 'secret'],
  written: ['{"msg":"serving"}'],
  ends: []
}

const asked = (...more: Exchange[]): Partial<History> => ({ exchanges: [...calm.exchanges, ...more] })

t.test('a history in which all went well has no violation', async (t) => {
  t.same(judge(calm), [])
})

const broken: { what: string; rule: Rule; seen: Partial<History>; says: RegExp }[] = [
  {
    what: 'an event that the table does not list in that state',
    rule: 'by-the-table',
    seen: {
      enrolments: [enrolment('joined', joined.filter(({ event }) => event !== 'claim').concat(entry(6, 'release')))]
    },
    says: /release in joined/
  },
  {
    what: 'a state to which no entry of the timeline leads',
    rule: 'by-the-table',
    seen: { enrolments: [enrolment('removed', joined)] },
    says: /it is removed, and its timeline ends in joined/
  },
  {
    what: 'answers from a state back to another one',
    rule: 'by-the-table',
    seen: asked(agent(7, 'wait', 'approved', 6, 1)),
    says: /joined at 5, approved at 6/
  },
  {
    what: 'one revision in two states',
    rule: 'by-the-table',
    seen: asked(agent(7, 'wait', 'ready', 5, 1)),
    says: /revision 5 is joined and ready/
  },
  {
    what: 'an older revision after a newer one was acknowledged',
    rule: 'nothing-lost',
    seen: asked(agent(7, 'wait', 'approved', 2)),
    says: /revision 2 after 5 was acknowledged/
  },
  {
    what: 'an enrolment that is not there any more',
    rule: 'nothing-lost',
    seen: { enrolments: [] },
    says: /e1 was acknowledged, and is not there/
  },
  {
    what: 'a machine whose enrolment nobody knows any more',
    rule: 'nothing-lost',
    seen: asked(exchange(7, 'wait', 404, { detail: 'this key has no enrolment' }, { key })),
    says: /wait of sha256:a+ is answered 404/
  },
  {
    what: 'a decision that left no entry',
    rule: 'nothing-lost',
    seen: asked(operator(7, 'reject', 'rejected', 6)),
    says: /reject was acknowledged, and is not in its timeline/
  },
  { what: 'a code that is gone', rule: 'nothing-lost', seen: { codes: [] }, says: /code c1 was acknowledged/ },
  {
    what: 'a revoked code that is open again',
    rule: 'nothing-lost',
    seen: asked(exchange(7, 'revokeCode', 200, { id: 'c1' })),
    says: /code c1 was revoked, and is used/
  },
  {
    what: 'a token that stays when its machine has joined',
    rule: 'tokens-are-for-joining',
    seen: { clusterCalls: calm.clusterCalls.filter(({ call }) => call !== 'deleteToken') },
    says: /is there after the attempt is over/
  },
  {
    what: 'a token that came late, and that no sweep deletes',
    rule: 'tokens-are-for-joining',
    seen: {
      clusterCalls: [
        createToken(2.95),
        clusterCall(5, 'deleteToken', [tokenId]),
        { ...createToken(2.95), done: after(5.5) },
        ...calm.clusterCalls.slice(2)
      ]
    },
    says: /is there after the attempt is over/
  },
  {
    what: 'a token of before its claim was committed',
    rule: 'tokens-are-for-joining',
    seen: {
      clusterCalls: [
        createToken(0),
        clusterCall(1, 'settleBannedLeases'),
        clusterCall(2, 'settleBannedLeases'),
        ...calm.clusterCalls
      ]
    },
    says: /is there after the attempt is over/
  },
  {
    what: 'a token that is asked for when the machine was told of the end',
    rule: 'tokens-are-for-joining',
    seen: { clusterCalls: [...calm.clusterCalls, createToken(7.5), clusterCall(7.6, 'deleteToken', [tokenId])] },
    says: /asked for after it was acknowledged that the attempt is over/
  },
  {
    what: 'a token that outlives the deadline of its attempt',
    rule: 'tokens-are-for-joining',
    seen: { clusterCalls: [createToken(2.95, 15), ...calm.clusterCalls.slice(1)] },
    says: /outlives its deadline/
  },
  {
    what: 'a token that nobody knows',
    rule: 'tokens-are-for-joining',
    seen: { enrolments: [{ ...enrolment('joined', joined), attempts: [] }], exchanges: [] },
    says: /belongs to no enrolment/
  },
  {
    what: 'two certificates by one token',
    rule: 'one-certificate',
    seen: { certificates: [...calm.certificates, { tokenId, csr: 'csr-2' }] },
    says: /has 2: csr-1, csr-2/
  },
  {
    what: 'a credential that nobody approved',
    rule: 'approved-before-given',
    seen: { exchanges: calm.exchanges.filter((one) => one !== approval) },
    says: /nobody approved that key/
  },
  {
    what: 'a credential after an approval of another key',
    rule: 'approved-before-given',
    seen: { exchanges: calm.exchanges.map((one) => (one === approval ? { ...one, body: { key: 'another' } } : one)) },
    says: /nobody approved that key/
  },
  {
    what: 'a credential by an approval that a change took back',
    rule: 'approved-before-given',
    seen: { exchanges: [...calm.exchanges.slice(0, 4), agent(2.7, 'observe', 'pending', 3), claim] },
    says: /nobody approved that key/
  },
  {
    what: 'a credential after the end',
    rule: 'approved-before-given',
    seen: asked(agent(8, 'wait', 'rejected', 6, 1), { ...claim, sent: after(9), ended: after(9) }),
    says: /which was acknowledged as rejected/
  },
  {
    what: 'a credential of a token that no enrolment has',
    rule: 'approved-before-given',
    seen: asked(exchange(7, 'claim', 200, { token: 'zzzzzz.secret' }, { key })),
    says: /which no enrolment has/
  },
  {
    what: 'a Node of a machine that was rejected',
    rule: 'banned-stay-away',
    seen: { enrolments: [enrolment('rejected', rejected)] },
    says: /Node worker-1 is there, and e1 is rejected/
  },
  {
    what: 'a credential of a machine that was rejected before the log was put back',
    rule: 'rejected-stay-out',
    seen: {
      ...asked(
        exchange(6, 'reject', 200, { id, key, revision: 6, state: 'rejected', attempts: [] }, { reference: id }),
        { ...claim, sent: after(9), ended: after(9) }
      ),
      restored: after(8)
    },
    says: /was rejected, the log was put back/
  },
  {
    what: 'an error that says what is inside',
    rule: 'answers-keep-their-text',
    seen: asked(exchange(7, 'claim', 503, { code: 'store-unavailable', detail: 'SqliteError: locked' }, { key })),
    says: /it says what is inside/
  },
  {
    what: 'an error that nobody expected',
    rule: 'answers-keep-their-text',
    seen: asked(exchange(7, 'claim', 500, { code: 'internal' }, { key })),
    says: /nobody expected it/
  },
  {
    what: 'an error that is no problem',
    rule: 'answers-keep-their-text',
    seen: asked(exchange(7, 'claim', 502, {}, { key })),
    says: /no problem that is known/
  },
  {
    what: 'a code in the log',
    rule: 'secrets-stay-secret',
    seen: { written: ['{"msg":"used jny_CODE"}'] },
    says: /secret 0, jny_CO\.\.\., is written down/
  },
  {
    what: 'a server that ended by itself',
    rule: 'server-stays-up',
    seen: { ends: ['the server ended by itself, 1'] },
    says: /ended by itself/
  }
]

t.test('each violation is found by its own rule', async (t) => {
  for (const { what, rule, seen, says } of broken) {
    const found = rules[rule]({ ...calm, ...seen })
    t.match(found.join('\n'), says, what)
  }
  t.same(new Set(broken.map(({ rule }) => rule)), new Set(Object.keys(rules)), 'no rule is without a row')
})

const allowed: { what: string; seen: Partial<History> }[] = [
  {
    what: 'a token that came late, before the next sweep but one',
    seen: {
      clusterCalls: [
        ...calm.clusterCalls.slice(0, 3),
        { ...createToken(2.95), done: after(6.5) },
        clusterCall(7, 'settleBannedLeases'),
        clusterCall(7.1, 'deleteToken', [tokenId])
      ]
    }
  },
  {
    what: 'a token that stays as long as the API fails',
    seen: {
      clusterCalls: calm.clusterCalls.filter(({ call }) => call !== 'deleteToken'),
      quiet: [{ from: after(0), to: after(4) }]
    }
  },
  {
    what: 'a credential of a machine that was approved again since the log was put back',
    seen: {
      ...asked(
        exchange(6, 'reject', 200, { id, key, revision: 6, state: 'rejected', attempts: [] }, { reference: id }),
        operator(8.5, 'approve', 'approved', 3, { body: { key } }),
        { ...claim, sent: after(9), ended: after(9) }
      ),
      restored: after(8)
    }
  },
  {
    what: 'an answer that nobody got',
    seen: asked({ call: 'reject', reference: id, sent: after(7), ended: after(8) })
  },
  {
    what: 'an older answer that was on its way',
    seen: asked({ ...agent(7, 'wait', 'approved', 2), sent: after(2.4) })
  },
  {
    what: 'a 404 of a key from which a release took the enrolment',
    seen: asked(
      { call: 'release', reference: id, body: { key: 'another' }, sent: after(6), ended: after(6) },
      exchange(7, 'wait', 404, { detail: 'this key has no enrolment' }, { key })
    )
  }
]

t.test('an act that the design allows is no violation', async (t) => {
  for (const { what, seen } of allowed) t.same(judge({ ...calm, ...seen }), [], what)
})
