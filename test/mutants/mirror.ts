import type { Mutant } from './mutant.ts'

const named = ['packages/server/test/adapters/sqlite/mirror/mirror.test.ts']
const histories = ['packages/server/test/adapters/sqlite/mirror/histories.test.ts']
const writes = { file: 'packages/server/src/adapters/sqlite/mirror/mirror-writes.ts', killedBy: named }
const load = { file: 'packages/server/src/adapters/sqlite/mirror/load-documents.ts', killedBy: named }
const rows = { file: 'packages/server/src/adapters/sqlite/mirror/part-rows.ts', killedBy: named }

/** A file that follows the log of a cluster: nothing is read or answered before the log has it, and the file is what the log is. */
export const mirrorMutants: readonly Mutant[] = [
  {
    ...writes,
    name: 'answered-before-the-log-has-it',
    text: 'if (outcome.documents.length > 0) number = await this.#append(outcome)',
    instead: 'if (outcome.documents.length > 0) void this.#append(outcome).catch(() => {})',
    rule: 'acknowledged means durable: the log has a commit before the answer goes out'
  },
  {
    ...writes,
    name: 'read-before-the-log-has-it',
    text: "withinTransaction(database, 'ROLLBACK', () => {",
    instead: "withinTransaction(database, 'COMMIT', () => {",
    rule: 'nobody reads a commit before the log has it'
  },
  {
    ...writes,
    name: 'another-batch-is-kept',
    text: 'if (!isSame) throw',
    instead: 'if (false) throw',
    rule: 'the file takes the very batch that the log has'
  },
  {
    ...writes,
    name: 'another-hand-unseen',
    text: '(this.#versionNow() === this.#version ||',
    instead: '(true ||',
    rule: 'if somebody else wrote the file, the documents are compared as well'
  },
  {
    ...writes,
    name: 'refused-although-the-log-has-it',
    text: 'if (number === undefined) return () => reject(batch, error)\n',
    instead: 'return () => reject(batch, error)\n',
    rule: 'nobody is told that a commit is not there if the log has it'
  },
  {
    ...writes,
    name: 'goes-on-behind-the-log',
    text: '    this.#isOver = true\n',
    instead: '',
    rule: 'a server whose file could not follow the log answers nothing more'
  },
  {
    ...writes,
    name: 'document-too-large-for-all',
    text: '      if (why !== undefined) throw new DocumentTooLarge(why)\n',
    instead: '',
    rule: 'a change whose document has no room in the cluster is refused alone'
  },
  {
    ...writes,
    name: 'silence-of-the-log',
    text: '> patience)',
    instead: '> 1000 * patience)',
    rule: 'a server whose log does not answer is not ready'
  },
  {
    ...writes,
    name: 'tried-in-the-log',
    text: "!change.tried && result === 'committed'",
    instead: "result === 'committed'",
    rule: 'a change that is only tried needs no log'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/one-at-a-time.ts',
    killedBy: named,
    name: 'two-batches-under-way',
    text: 'flight ??= takeOff()',
    instead: 'flight = takeOff()',
    rule: 'one batch is under way'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/batch.ts',
    killedBy: named,
    name: 'batch-without-end',
    text: 'textIn(outcome) <= mostText',
    instead: 'true',
    rule: 'a batch has room in the head'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/batch.ts',
    killedBy: ['packages/server/test/adapters/sqlite/mirror/batch.test.ts'],
    name: 'evaluated-for-nothing',
    text: 'asked.slice(0, most)',
    instead: 'asked',
    rule: 'the cost of a batch does not follow the number of those who wait'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/touched.ts',
    killedBy: histories,
    name: 'update-that-is-not-noted',
    text: "  ['UPDATE', ['old', 'new']],\n",
    instead: '',
    rule: 'everything that a transaction touches is in the log'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/touched.ts',
    killedBy: named,
    name: 'place-given-twice',
    text: '  ${note(sequences)}\n',
    instead: '  SELECT 1;\n',
    rule: 'a place that was given is never given again, also by another server'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/ended-enrolments.ts',
    killedBy: named,
    name: 'guard-that-is-let-go',
    text: ' && !isGuard(enrolment)',
    instead: '',
    rule: 'an enrolment that had an attempt stays in the cluster: its ban must not be lifted'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/ended-enrolments.ts',
    killedBy: named,
    name: 'ban-that-is-let-go',
    text: ' && !needsBan(enrolment)',
    instead: '',
    rule: 'an enrolment that notes a ban stays in the cluster'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/ended-enrolments.ts',
    killedBy: named,
    name: 'unsettled-that-is-let-go',
    text: ' && enrolment.settled === true',
    instead: '',
    rule: 'an enrolment about which something is left to do stays in the cluster'
  },
  {
    ...load,
    name: 'rows-under-another-name',
    text: 'if (nameOf(part) !== name) throw',
    instead: 'if (false) throw',
    rule: 'a document is what its name says'
  },
  {
    ...load,
    name: 'gone-in-the-log-and-not-here',
    text: 'if (there.has(name)) continue',
    instead: 'continue',
    rule: 'what the log does not have is not in the file'
  },
  {
    ...load,
    name: 'store-written-over',
    text: '  if (logTables(database).known() !== undefined || isEmpty(database)) return\n',
    instead: '  return\n',
    rule: 'a store of its own is not written over by a log'
  },
  {
    ...load,
    name: 'log-of-another-cluster',
    text: 'if (known === log) return',
    instead: 'if (known !== undefined) return',
    rule: 'a file follows one log, until somebody says otherwise'
  },
  {
    ...rows,
    name: 'rows-of-somebody-else',
    text: 'if (count.get(keysOf(part))?.count !== own.length)',
    instead: 'if (false)',
    rule: 'a document has rows of its own part and of no other'
  },
  {
    ...rows,
    name: 'row-without-its-checksum',
    text: 'if (!isWhole(own)) throw',
    instead: 'if (false) throw',
    rule: 'a row that is not as it was written is refused'
  },
  {
    ...rows,
    name: 'column-beside-its-document',
    text: 'if (said[column] !== value) throw',
    instead: 'if (false) throw',
    rule: 'a row of the log is found by what its document says'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/log-tables.ts',
    killedBy: named,
    name: 'copy-written-without-its-log',
    text: "if (database.prepare('SELECT 1 FROM log').get() === undefined) return",
    instead: 'return',
    rule: 'a file that follows a log is not written without it'
  },
  {
    file: 'packages/server/src/adapters/sqlite/backup/restore-backup.ts',
    killedBy: ['packages/server/test/commands/backup.test.ts'],
    name: 'restored-copy-believed',
    text: '      database.exec(forgetDocuments)\n',
    instead: '',
    rule: 'a copy of a log that comes out of a backup is read again from the cluster'
  },
  {
    file: 'packages/server/src/features/audit/decide-log.ts',
    killedBy: ['packages/server/test/features/audit/audit-follower.test.ts'],
    name: 'log-of-another-server-goes-on',
    text: 'server !== undefined && log.server !== undefined && log.server !== server',
    instead: 'false',
    rule: 'the audit log of another server is not taken for one that was lost'
  },
  {
    file: 'packages/server/src/features/audit/log-names.ts',
    killedBy: ['packages/server/test/features/audit/audit-follower.test.ts'],
    name: 'name-of-another-folder',
    text: 'Math.max(...numbers) + 1',
    instead: 'numbers.length',
    rule: 'no two audit logs of an installation have one name'
  },
  {
    file: 'packages/cli/src/audit/verify-logs.ts',
    killedBy: ['packages/cli/test/audit/verify-logs.test.ts'],
    name: 'forked-log-unseen',
    text: 'if (!text.equals(other.leaf)) return false',
    instead: 'if (other === undefined) return false',
    rule: 'a log that goes on beyond its link is told, unless the next log has all of that'
  },
  {
    file: 'packages/server/src/program/serve.ts',
    killedBy: ['test/journeys/store/closing.test.ts'],
    name: 'store-closed-under-a-pass',
    text: 'listeners.close(), ...works',
    instead: 'listeners.close()',
    rule: 'a pass that is under way ends before its store is closed'
  },
  {
    file: 'packages/server/src/program/moving/only-server.ts',
    killedBy: ['packages/server/test/program/moving/only-server.test.ts'],
    name: 'active-server-waited-for',
    text: ') renewed.abort()',
    instead: ') before = undefined',
    rule: 'a command sees at once that a server is active'
  }
]
