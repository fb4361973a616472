import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TimelineEntry } from '@joinery/protocol'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { migrations } from '../../../src/adapters/sqlite/migrations.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { parseSummed, summed } from '../../../src/adapters/sqlite/summed.ts'
import { inParts, textInParts } from '../../../src/adapters/sqlite/versions/in-parts.ts'
import { migrate } from '../../../src/adapters/sqlite/versions/migrate.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import type { Store } from '../../../src/core/ports/store/store.ts'
import { leavesOf } from '../../../src/features/audit/leaves-of.ts'
import { openWorld } from './mirror/mirror-fixture.ts'

/** A commit of one enrolment by the program of commit 0ab77e28: its row, what its timeline was told, and the leaves of the audit log. */
interface Line {
  row: { key: string; revision: number; document: string }
  entries: TimelineEntry[]
  leaves: string[]
}

/** Commits of the journeys of that program: among them is one of each event, each field and each state that they have. */
const corpus = readFileSync(join(import.meta.dirname, 'corpus/enrolments-0ab77e28.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): Line => JSON.parse(line))

/** Steps that made the stores of that program. */
const stepsThen = 14

type Flat = Record<string, unknown> & { id: string; name: string; state: string; since: string }
const flatIn = ({ row }: Line) => parseSummed<Flat>(row.document, row.revision)

/** The store in which such a row is found. */
const ways: Record<string, (line: Line) => Store & { close(): void }> = {
  'a file': (line) => {
    const folder = mkdtempSync(join(tmpdir(), 'joinery-store-'))
    const database = new DatabaseSync(join(folder, 'joinery.db'))
    migrate(database, migrations.slice(0, stepsThen))
    const { id, name, state, since } = flatIn(line)
    const { key, revision, document } = line.row
    database
      .prepare('INSERT INTO enrolments VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(id, key, name, state, since, revision, document)
    database.close()
    const store = sqliteStore(join(folder, 'joinery.db'))
    rmSync(folder, { recursive: true })
    return store
  },
  'a log': (line) => {
    const world = openWorld(t)
    const { id, name, state, since } = flatIn(line)
    const row = { rowid: 7, id, name, state, since, ...line.row }
    world.log.documents.set(`subject.${id}`, {
      number: 1,
      text: JSON.stringify({ part: ['subject', id], rows: { enrolments: [row] } })
    })
    return world.server()
  }
}

for (const [where, open] of Object.entries(ways)) {
  t.test(`an enrolment that 0ab77e28 wrote into ${where} gives the audit log the same bytes`, async (t) => {
    let leaves = 0
    for (const line of corpus) {
      const { id, revision, state } = flatIn(line)
      const store = open(line)
      const enrolment = await store.enrolment(id)
      store.close()
      if (enrolment === undefined) throw new Error(`the enrolment ${id} is not there`)
      t.match(enrolment, { id, state, revision: line.row.revision })
      const entries = line.entries.map((entry) => ({ subject: id, entry }))
      const made = leavesOf({ enrolments: [enrolment], entries })
      t.same(
        made,
        line.leaves,
        `${line.entries.map(({ event }) => event).join(', ')} at ${state}, revision ${revision}`
      )
      leaves += made.length
    }
    t.ok(leaves >= 25, `${leaves} leaves`)
  })
}

t.test('the corpus has each state, and nearly each field that an enrolment had', async (t) => {
  t.equal(new Set(corpus.map((line) => flatIn(line).state)).size, 11)
  t.equal(new Set(corpus.flatMap((line) => Object.keys(flatIn(line)))).size, 54)
})

t.test('each field of a flat enrolment has one place in the parts', async (t) => {
  const attempt = anAttempt('abc123')
  const { facts } = anEnrolment('a')
  const conflict = { key: 'k2', address: '192.0.2.2', at: 't', facts }
  const evidence = { at: 't', revision: 1, key: 'k', name: 'n', address: 'a', facts, preflight: [] }
  const certificate = { fingerprint: 'f', serial: '0A' }
  const flat = {
    id: 'a',
    revision: 7,
    shownAt: 6,
    state: 'recovering',
    since: 't2',
    created: 't1',
    code: 'c',
    key: 'k',
    codeClosed: 't3',
    keySeen: 't4',
    name: 'n',
    role: 'worker',
    address: 'a',
    facts,
    agent: { version: '1', since: 't' },
    withoutAgent: true,
    preflight: [],
    approved: evidence,
    restored: { by: 'alice' },
    borrowed: ['machine id m'],
    labels: { a: 'b' },
    taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }],
    readyWhen: ['condition:A'],
    policy: { ignore: ['swap'] },
    credential: 'certificate',
    prefetch: true,
    recover: 'auto 2',
    recovery: { state: 'over', since: 't' },
    seenCertificate: { serial: '0A', notBefore: 't', notAfter: 't' },
    joinKey: 'j',
    approvedAddresses: ['a'],
    servingCsrs: [{ name: 'csr', uid: 'u' }],
    sealKey: 's',
    grant: { sealed: 'x', until: 't' },
    conflicts: [conflict],
    lastAttempt: 3,
    attempts: [attempt],
    agentSaid: { attempt: 1, lines: [] },
    reason: 'why',
    node: { uid: 'n1', registered: 't', condition: 'Ready', message: '' },
    flap: { since: 't', last: 't', count: 2 },
    cause: { code: 'disk-full', text: 'why' },
    causesTold: [],
    reported: { at: 't', causes: [] },
    labelled: 'n1',
    service: { node: 'n1' },
    agentReady: { at: 't', certificate },
    ready: 't5',
    confirmed: true,
    strayCertificates: [{ csr: 'c', uid: 'u', serial: '0B' }],
    untrusted: 'why not',
    certificateBanned: true,
    replaced: 'n0',
    makingRoom: { decision: 'd', revision: 8 },
    unwantedNode: 'n2',
    settled: true,
    banned: 't6',
    pruned: 't7'
  }
  const nested = {
    id: 'a',
    revision: 7,
    state: 'recovering',
    since: 't2',
    created: 't1',
    code: 'c',
    key: 'k',
    name: 'n',
    role: 'worker',
    address: 'a',
    facts,
    agent: { version: '1', since: 't' },
    withoutAgent: true,
    preflight: [],
    reason: 'why',
    node: { uid: 'n1', registered: 't', condition: 'Ready', message: '' },
    terms: {
      labels: { a: 'b' },
      taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }],
      readyWhen: ['condition:A'],
      policy: { ignore: ['swap'] },
      credential: 'certificate',
      prefetch: true,
      recover: 'auto 2'
    },
    approval: {
      shownAt: 6,
      evidence,
      addresses: ['a'],
      takenBack: { by: 'alice' },
      replaced: 'n0',
      makingRoom: { decision: 'd', revision: 8 }
    },
    join: {
      key: 'j',
      sealKey: 's',
      grant: { sealed: 'x', until: 't' },
      lastAttempt: 3,
      attempts: [attempt],
      said: { attempt: 1, lines: [] },
      agentReady: { at: 't', certificate },
      ready: 't5',
      confirmed: true,
      labelled: 'n1'
    },
    diagnosis: {
      flap: { since: 't', last: 't', count: 2 },
      cause: { code: 'disk-full', text: 'why' },
      told: [],
      reported: { at: 't', causes: [] }
    },
    conflict: { seen: [conflict], codeClosed: 't3', keySeen: 't4', borrowed: ['machine id m'] },
    certificates: {
      seen: { serial: '0A', notBefore: 't', notAfter: 't' },
      serving: [{ name: 'csr', uid: 'u' }],
      stray: [{ csr: 'c', uid: 'u', serial: '0B' }],
      untrusted: 'why not',
      nameBanned: true,
      banned: 't6',
      unwantedNode: 'n2'
    },
    service: { node: 'n1' },
    recovery: { state: 'over', since: 't' },
    settled: true,
    pruned: 't7'
  } satisfies Required<EnrolmentDocument>
  t.same(inParts(flat), nested)
  t.equal(inParts(nested), nested, 'and is not moved twice')
})

t.test('a text that is damaged stays as it is', async (t) => {
  const whole = summed({ id: 'a', attempts: [], conflicts: [], lastAttempt: 0 }, 1)
  const damaged = whole.replace('"lastAttempt":0', '"lastAttempt":1')
  t.equal(textInParts(damaged, 1), damaged)
  t.equal(textInParts(whole, 2), whole, 'also one of another revision')
  const moved = textInParts(whole, 1)
  t.match(parseSummed(moved, 1), { id: 'a', join: { attempts: { length: 0 }, lastAttempt: 0 } })
  t.equal(textInParts(moved, 1), moved)
})
