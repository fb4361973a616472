import { generateKeyPairSync } from 'node:crypto'
import { leafTextOf } from '@joinery/protocol'
import {
  appendLeaves,
  base64Of,
  emptyTree,
  readVerifierKey,
  rootOfTree,
  signCheckpoint,
  verifierKey
} from '@joinery/tlog'
import t from 'tap'
import { verifyLogs } from '../../src/audit/verify-logs.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const origin = 'joinery.dev/c1/s1'
const leaf = (event: string, fields: Record<string, string | number> = {}): string =>
  leafTextOf({ v: 1, time: '2026-01-01T00:00:00.000Z', event, subject: 'e', actor: 'server', fields })

/** A log with these leaves, as its folder has it. */
const aLog = (name: string, leaves: readonly string[]) => {
  const { tree, writes } = appendLeaves(
    emptyTree,
    leaves.map((text) => Buffer.from(text))
  )
  const files = new Map(writes.map(({ path, bytes }) => [path, bytes]))
  const head = { origin: `${origin}/${name}`, size: tree.size, root: rootOfTree(tree), extensions: [] }
  files.set('checkpoint', Buffer.from(signCheckpoint(privateKey, head)))
  return { name, read: async (path: string) => files.get(path) }
}

/** The first leaf of a log, which names another one with these leaves. */
const opened = (leaves: readonly string[]): string => {
  const { tree } = appendLeaves(
    emptyTree,
    leaves.map((text) => Buffer.from(text))
  )
  return leaf('log-opened', { log: `${origin}/2026`, size: tree.size, root: base64Of(rootOfTree(tree)) })
}

const known = ['enrol', 'approve'].map((event) => leaf(event))
const [claim, join, closed] = [leaf('claim'), leaf('join'), leaf('log-closed')]

const rows: [what: string, before: string[], after: string[], finding: string | undefined][] = [
  ['names the one before as it is', known, [opened(known), claim], undefined],
  ['has first what a killed server wrote and told nobody', [...known, claim], [opened(known), claim, join], undefined],
  ['has first two such leaves', [...known, claim, join], [opened(known), claim, join], undefined],
  ['follows one that a killed server had closed', [...known, closed], [opened(known), claim], undefined],
  ['lacks what the one before has more', [...known, claim], [opened(known), join], 'link-broken'],
  ['lacks some of it', [...known, claim, join], [opened(known), claim], 'link-broken'],
  ['names other leaves', [...known, claim], [opened([leaf('enrol'), leaf('reject')]), claim], 'link-broken'],
  ['names more leaves than there are', known, [opened([...known, claim]), claim], 'link-broken']
]

for (const [what, before, after, finding] of rows) {
  t.test(`a log that ${what} ${finding === undefined ? 'hangs together with it' : 'is told'}`, async (t) => {
    const logs = [aLog('2026', before), aLog('2026-2', after)]
    const key = readVerifierKey(verifierKey(origin, privateKey))
    const [first, second] = await verifyLogs({ logs, key, kept: [], all: true })
    t.same(first?.findings, [])
    t.same(
      second?.findings.map(({ code }) => code),
      finding === undefined ? [] : [finding]
    )
  })
}
