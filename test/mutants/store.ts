import type { Mutant } from './mutant.ts'

const contract = ['test/contract/store-sqlite.process.test.ts']
const sqlite = { file: 'packages/server/src/adapters/sqlite/sqlite-store.ts', killedBy: contract }
const statements = { file: 'packages/server/src/adapters/sqlite/statements.ts', killedBy: contract }
const timeline = { file: 'packages/server/src/adapters/sqlite/timeline/timeline-writer.ts', killedBy: contract }
const commit = { file: 'packages/server/src/adapters/sqlite/commit.ts', killedBy: contract }
const damage = { file: 'packages/server/src/adapters/sqlite/damage.ts', killedBy: contract }
const migrations = { file: 'packages/server/src/adapters/sqlite/migrations.ts', killedBy: contract }
const migrate = {
  file: 'packages/server/src/adapters/sqlite/versions/migrate.ts',
  killedBy: ['test/contract/store-migrations.test.ts']
}
const whole = { file: 'packages/server/src/adapters/sqlite/require-whole.ts', killedBy: contract }
const enrolments = 'packages/server/src/core/commit/enrolments.ts'

/** What is acknowledged is durable, whole, and once. */
export const store: readonly Mutant[] = [
  {
    ...sqlite,
    name: 'synchronous-off',
    text: 'PRAGMA synchronous = FULL',
    instead: 'PRAGMA synchronous = OFF',
    rule: 'acknowledged means durable: a commit is on the disk before the answer goes out',
    killedBy: ['test/journeys/faults/durable.process.test.ts']
  },
  {
    ...sqlite,
    name: 'synchronous-normal',
    text: 'PRAGMA synchronous = FULL',
    instead: 'PRAGMA synchronous = NORMAL',
    rule: 'acknowledged means durable: each commit is synced, not only a checkpoint',
    killedBy: ['test/journeys/faults/durable.process.test.ts']
  },
  {
    ...migrate,
    name: 'number-taken-at-its-word',
    text: 'setVersion(database, provenVersion(database))',
    instead: 'setVersion(database, versionOf(database))',
    rule: 'a step runs only over the tables that it is for'
  },
  {
    file: 'packages/server/src/adapters/sqlite/versions/shapes.ts',
    name: 'changed-table-unseen',
    text: 'other.get(name) === text)',
    instead: 'other.has(name))',
    rule: 'a table that somebody changed is not one of its version',
    killedBy: ['test/contract/store-migrations.test.ts']
  },
  {
    file: 'packages/server/src/core/ports/store/take-state.ts',
    name: 'lock-with-a-journal-on-disk',
    text: 'PRAGMA journal_mode = MEMORY; ',
    instead: '',
    rule: 'a server starts on a full disk',
    killedBy: ['packages/server/test/program/full-disk.process.test.ts']
  },
  {
    ...damage,
    name: 'failed-sync-unheard',
    text: '      if (error instanceof ProblemError && isFailedSync(error.cause)) syncFailed(error.cause)\n',
    instead: '',
    rule: 'a server whose disk did not sync ends',
    killedBy: ['packages/server/test/adapters/sqlite/failed-sync.process.test.ts']
  },
  {
    ...statements,
    name: 'older-enrolment',
    text: "since = ?, revision = revision + 1, document = ? WHERE id = ? AND revision = ?'",
    instead: "since = ?, revision = revision + 1, document = ? WHERE id = ? AND revision >= ?'",
    rule: 'compare-and-swap: an enrolment is written at the revision that was read, not at an older one'
  },
  {
    ...statements,
    name: 'older-code',
    text: "'UPDATE codes SET revision = revision + 1, document = ? WHERE id = ? AND revision = ?'",
    instead: "'UPDATE codes SET revision = revision + 1, document = ? WHERE id = ? AND revision >= ?'",
    rule: 'compare-and-swap: a code is used at the revision that was read'
  },
  {
    ...statements,
    name: 'older-outsider',
    text: "'UPDATE outsiders SET revision = revision + 1, document = ? WHERE name = ? AND revision = ?'",
    instead: "'UPDATE outsiders SET revision = revision + 1, document = ? WHERE name = ? AND revision >= ?'",
    rule: 'compare-and-swap: what came beside Joinery is told by one of two twins'
  },
  {
    ...statements,
    name: 'gone-at-any-revision',
    text: "'DELETE FROM enrolments WHERE id = ? AND revision = ?'",
    instead: "'DELETE FROM enrolments WHERE id = ? AND revision >= ?'",
    rule: 'what changed since it was read is not forgotten'
  },
  {
    ...commit,
    name: 'half-of-a-commit',
    text: "    if (result !== 'committed' || change.tried) statements.undo.run()\n",
    instead: '    if (change.tried) statements.undo.run()\n',
    rule: 'all of a commit is written, or nothing'
  },
  {
    ...commit,
    name: 'loser-told-as-winner',
    text: "      if (writeDocuments(change).includes(false)) return 'stale'\n",
    instead: '      writeDocuments(change)\n',
    rule: 'who lost a race is told so'
  },
  {
    ...commit,
    name: 'name-claimed-meanwhile',
    text: "    if (change.unclaimed?.some((name) => statements.takenName.get(name) !== undefined)) return 'stale'\n",
    instead: '',
    rule: 'a name that was counted is given once'
  },
  {
    ...commit,
    name: 'two-control-planes',
    text: '    if (change.alone !== undefined && otherControlPlane(change.alone, change))',
    instead: '    if (false)',
    rule: 'one control plane joins at a time'
  },
  {
    ...statements,
    name: 'control-plane-at-its-deadline',
    text: "json_extract(document, '$.join.attempts[#-1].deadline') > ?",
    instead: "json_extract(document, '$.join.attempts[#-1].deadline') >= ?",
    rule: 'at its deadline, to the millisecond, a control plane holds up nobody'
  },
  {
    ...sqlite,
    name: 'write-to-a-damaged-store',
    text: '      refuseDamaged()\n',
    instead: '',
    rule: 'a store that was found damaged acknowledges nothing'
  },
  {
    ...damage,
    name: 'damage-that-is-forgotten',
    text: "if (lasting && trouble?.code !== 'store-damaged') trouble = error",
    instead: 'if (lasting) trouble = error',
    rule: 'trouble that comes after damage does not hide it'
  },
  {
    ...sqlite,
    name: 'full-disk-found-whole',
    text: 'if (bavail * bsize < 2 * probeBytes) throw diskFull()',
    instead: '',
    rule: 'the probe needs as much room as a commit',
    killedBy: ['test/journeys/faults/disk-full.process.test.ts']
  },
  {
    ...sqlite,
    name: 'store-for-everybody',
    text: "closeSync(openSync(file, 'a', 0o600))\n    for (const one of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(one)) chmodSync(one, 0o600)",
    instead: "closeSync(openSync(file, 'a'))",
    rule: 'the store is for its own user alone'
  },
  {
    file: 'packages/server/src/adapters/sqlite/timeline/timeline-writer.ts',
    killedBy: contract,
    name: 'alert-that-makes-room',
    text: 'AND actor = ? AND ${isPassing})\n    DELETE',
    instead: 'AND actor = ? AND json_valid(entry))\n    DELETE',
    rule: 'an alert is never pushed out by what comes often'
  },
  {
    ...timeline,
    name: 'timeline-without-end',
    text: ' || hasRoom(subject, entry)))',
    instead: ' || true))',
    rule: 'what agents and the cluster cause in a timeline is bounded'
  },
  {
    ...timeline,
    name: 'timeline-that-is-always-short',
    text: 'Number(many) < lastingKept.all && Number(bytes) + Buffer.byteLength(more) <= leastWords',
    instead: 'true',
    rule: 'a timeline is looked at closely before it reaches a bound'
  },
  {
    ...timeline,
    name: 'timeline-short-by-number',
    text: ' && Number(bytes) + Buffer.byteLength(more) <= leastWords',
    instead: '',
    rule: 'a timeline of few and long entries is looked at closely'
  },
  {
    ...timeline,
    name: 'words-without-end',
    text: ' || bytes + more > (wordsKept[actor] ?? wordsOfOthers)',
    instead: '',
    rule: 'the words of a timeline are bounded, also if they are few and long'
  },
  {
    ...timeline,
    name: 'timeline-of-alerts-without-end',
    text: '      if (kind !== undefined && isNearBounds) shorten(subject, kind)\n    },\n    bound',
    instead: '    },\n    bound',
    rule: 'alerts and entries of operators are bounded'
  },
  {
    ...timeline,
    name: 'room-that-is-not-counted',
    text: '      size.bytes -= Number(gone.bytes)\n',
    instead: '',
    rule: 'no more entries go than have to'
  },
  {
    ...timeline,
    name: 'words-joined-uncounted',
    text: 'over.bytes -= joinInTheMiddle(subject, over, kind)',
    instead: 'joinInTheMiddle(subject, over, kind)',
    rule: 'no more alerts are joined than have to be'
  },
  {
    ...timeline,
    name: 'first-alert-that-goes',
    text: 'const at = Math.min(lastingKept.first, (many - 2) >> 1)',
    instead: 'const at = 0',
    rule: 'the first alerts stay as they were'
  },
  {
    ...timeline,
    name: 'alerts-left-out-uncounted',
    text: 'count: (entry.count ?? 1) + (after.count ?? 1)',
    instead: 'count: entry.count ?? 1',
    rule: 'an entry that stands for others says for how many'
  },
  {
    ...statements,
    name: 'ended-name-given-again',
    text: '      UNION SELECT name FROM enrolments WHERE ${endedAfterClaim}\n',
    instead: '',
    rule: 'a name that had a credential is not counted again'
  },
  {
    ...migrations,
    name: 'two-enrolments-of-a-key',
    text: "CREATE UNIQUE INDEX one_live_enrolment_per_key ON enrolments (key)\n  WHERE state IN ('pending', 'approved', 'joining', 'joined', 'ready', 'recovering'",
    instead:
      "CREATE INDEX one_live_enrolment_per_key ON enrolments (key)\n  WHERE state IN ('pending', 'approved', 'joining', 'joined', 'ready', 'recovering'",
    rule: 'a key has one live enrolment, whatever a caller decided'
  },
  {
    ...migrations,
    name: 'two-holders-of-a-name',
    text: "CREATE UNIQUE INDEX one_holder_per_name ON enrolments (name)\n  WHERE state IN ('approved', 'joining', 'joined', 'ready', 'recovering'",
    instead:
      "CREATE INDEX one_holder_per_name ON enrolments (name)\n  WHERE state IN ('approved', 'joining', 'joined', 'ready', 'recovering'",
    rule: 'one enrolment holds a name, whatever a caller decided'
  },
  {
    ...migrate,
    name: 'newer-store-opened',
    text: 'if (version > storeVersion) throw newer(file, version)',
    instead: '',
    rule: 'a store of a newer program is not written'
  },
  {
    ...migrate,
    name: 'step-done-twice',
    text: 'steps[version]?.up(database)',
    instead: 'steps[version]?.up(database)\n      steps[version]?.up(database)',
    rule: 'a migration is done once'
  },
  {
    ...migrate,
    name: 'step-cut-in-half',
    text: "if (database.isTransaction) database.exec('ROLLBACK')",
    instead: "if (database.isTransaction) database.exec('COMMIT')",
    rule: 'a migration that failed leaves the store as it was'
  },
  {
    ...whole,
    name: 'flipped-document',
    text: 'if (!isSummed(String(document), Number(revision))) throw',
    instead: 'if (false) throw',
    rule: 'a document that a disk has changed is found at the start'
  },
  {
    ...whole,
    name: 'row-beside-its-document',
    text: 'if (otherColumns.some((sql) => database.prepare(sql).get() !== undefined)) {',
    instead: 'if (false) {',
    rule: 'a row is found by what its document says'
  },
  {
    file: 'packages/server/src/adapters/sqlite/summed.ts',
    name: 'sum-without-its-revision',
    text: 'crc32(body, crc32(String(revision)))',
    instead: 'crc32(body)',
    rule: 'a document of another revision is damage',
    killedBy: ['packages/server/test/adapters/sqlite/summed.test.ts']
  },
  {
    file: 'packages/server/src/adapters/sqlite/together.ts',
    name: 'one-failure-for-all',
    text: 'if (batch.length > 1) for (const one of batch) settle([one])\n      else batch[0]?.reject(error)',
    instead: 'for (const one of batch) one.reject(error)',
    rule: 'what cannot be written fails alone',
    killedBy: ['packages/server/test/adapters/sqlite/together.test.ts']
  },
  {
    file: 'packages/server/src/adapters/sqlite/together.ts',
    name: 'acknowledged-before-it-is-written',
    text: '      asked.push(one)\n',
    instead: "      asked.push(one)\n      one.resolve('committed' as R)\n",
    rule: 'a commit is acknowledged when it is written, not when it is asked for',
    killedBy: ['packages/server/test/adapters/sqlite/together.test.ts']
  },
  {
    file: 'packages/server/src/core/register-core.ts',
    name: 'nobody-is-woken',
    text: "  each('waiting agents', (c, { key }) => c.resolve(Waiting).notify(key))\n",
    instead: '',
    rule: 'who waits is woken by the change',
    killedBy: ['test/journeys/faults/woken.test.ts']
  },
  {
    file: enrolments,
    name: 'clock-without-a-say',
    text: 'const overdue = this.#byClock(enrolment, now)',
    instead: 'const overdue = undefined',
    rule: 'no decider sees a state whose time is over',
    killedBy: ['test/journeys/faults/faults.test.ts']
  },
  {
    file: 'packages/server/src/core/generation/take-back.ts',
    name: 'restored-code-stays-open',
    text: 'codes: open.map((code) => ({ ...code, revoked: now.toISOString() })),',
    instead: 'codes: [],',
    rule: 'an open code of a restored store lets nobody in',
    killedBy: ['test/journeys/store/restored.test.ts']
  },
  {
    file: 'packages/server/src/core/generation/take-back.ts',
    name: 'restored-approval-stands',
    text: "next(state, 'restore') !== undefined",
    instead: "state === 'joining'",
    rule: 'an approval of a restored store is asked for again',
    killedBy: ['test/journeys/store/restored.test.ts']
  },
  {
    file: 'packages/server/src/core/generation/seal-generation.ts',
    name: 'generation-with-any-mac',
    text: "isMacByAny(keys, 'generation', digits, mac) ?",
    instead: 'true ?',
    rule: 'only who has a master key can say a larger generation',
    killedBy: ['test/journeys/store/older-store.test.ts']
  },
  {
    file: 'packages/server/src/core/generation/compare-generation.ts',
    name: 'generation-without-a-mac-for-ever',
    text: 'noted.isSealed || !sealed ?',
    instead: 'true ?',
    rule: 'a generation without a MAC is believed once, at the upgrade',
    killedBy: ['test/journeys/store/older-store.test.ts']
  },
  {
    file: 'packages/server/src/core/keys/mac.ts',
    name: 'generation-by-the-oldest-key',
    text: 'all.at(-1) as',
    instead: 'all.at(0) as',
    rule: 'after a rotation the newest master key seals the generation',
    killedBy: ['packages/server/test/core/generation/generations.test.ts']
  },
  {
    file: 'packages/server/src/core/retention/old-master-keys.ts',
    name: 'key-deleted-before-the-generation-is-told',
    text: ' || !isToldByNewest()',
    instead: '',
    rule: 'an older master key stays until the cluster knows the generation by the newest one',
    killedBy: ['packages/server/test/core/retention/old-master-keys.test.ts']
  },
  {
    file: 'packages/server/src/program/serve.ts',
    name: 'end-without-a-word',
    text: 'await container.resolve(Generations).conclude()',
    instead: '',
    rule: 'a server that ends in good order tells the cluster of its last commits',
    killedBy: ['test/journeys/store/older-store.test.ts']
  },
  {
    file: 'packages/server/src/core/retention/decide-prune.ts',
    name: 'ban-that-ends-too-soon',
    text: 'export const guardDays = 396',
    instead: 'export const guardDays = 365',
    rule: 'a name is banned for longer than any certificate of it is good: 13 months',
    killedBy: ['packages/server/test/core/retention/decide-prune.test.ts']
  },
  {
    name: 'flat-documents-of-a-log',
    file: 'packages/server/src/adapters/sqlite/mirror/part-rows.ts',
    text: "return table === 'enrolments' ? withParts(own, said) : own",
    instead: 'return own',
    rule: 'an enrolment that an earlier server wrote into the log is read in parts',
    killedBy: ['packages/server/test/adapters/sqlite/earlier-enrolments.test.ts']
  },
  {
    ...migrations,
    name: 'flat-documents-of-a-file',
    text: 'UPDATE enrolments SET document = text_in_parts(document, revision) WHERE json_valid(document);\n',
    instead: '',
    rule: 'an enrolment that an earlier server wrote into the file is read in parts',
    killedBy: ['packages/server/test/adapters/sqlite/earlier-enrolments.test.ts', ...migrate.killedBy]
  },
  {
    ...migrations,
    name: 'attempts-where-they-were',
    text: '${attemptsOfJoin}\n',
    instead: '',
    rule: 'the attempts of a document are found by their tokens'
  }
]
