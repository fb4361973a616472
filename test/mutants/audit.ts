import type { Mutant } from './mutant.ts'

const follower = { killedBy: ['packages/server/test/features/audit/audit-follower.test.ts'] }

/** What a crash, an older store or a machine can do to the audit log. */
export const auditMutants: readonly Mutant[] = [
  {
    file: 'packages/server/src/features/audit/decide-log.ts',
    ...follower,
    name: 'folder-that-is-ahead',
    text: 'const fits = more <= leaves.length && ',
    instead: 'const fits = more > leaves.length || ',
    rule: 'nothing is written over a log of which more was given out'
  },
  {
    file: 'packages/server/src/features/audit/decide-log.ts',
    ...follower,
    name: 'folder-that-was-cut',
    text: 'if (more < 0) {',
    instead: 'if (more < -1_000_000) {',
    rule: 'a log that was cut is told'
  },
  {
    file: 'packages/server/src/features/audit/decide-log.ts',
    ...follower,
    name: 'restored-store-goes-on',
    text: 'if (log.restored) return',
    instead: 'if (log.restored && published === undefined) return',
    rule: 'a store that came out of a backup begins another log'
  },
  {
    file: 'packages/server/src/features/audit/decide-log.ts',
    ...follower,
    name: 'year-without-an-end',
    text: 'const ends = waiting.length > 0 || now.getUTCFullYear() > year',
    instead: 'const ends = waiting.length > 0',
    rule: 'a year ends also if nothing happens'
  },
  {
    file: 'packages/server/src/features/audit/audit-follower.ts',
    ...follower,
    name: 'leaves-that-leave-too-soon',
    text: 'await this.#commit({ audit: { log, ...given({ through }) } })',
    instead: 'await this.#commit({ audit: { log, ...given({ through: through && through + 1 }) } })',
    rule: 'a leaf leaves the store only when the folder has it'
  },
  {
    file: 'packages/server/src/features/audit/audit-follower.ts',
    ...follower,
    name: 'follower-that-never-rests',
    text: 'if (taken > 0 && left <= 0) break',
    instead: '',
    rule: 'leaves that come while others go into the folder wait for the next time'
  },
  {
    file: 'packages/server/src/features/audit/leaves-of.ts',
    killedBy: ['packages/server/test/features/audit/leaves-of.test.ts'],
    name: 'leaf-for-each-repetition',
    text: ' || count > 1)',
    instead: ')',
    rule: 'an event that comes again and again has one leaf'
  },
  {
    file: 'packages/server/src/features/audit/reads.ts',
    killedBy: ['packages/server/test/features/audit/reads.test.ts'],
    name: 'leaf-for-each-name',
    text: 'const isOver = this.#noted.size > budget.readers',
    instead: 'const isOver = false',
    rule: 'made-up names cause no more leaves than the budget'
  },
  {
    file: 'packages/server/src/features/audit/elsewhere.ts',
    killedBy: ['packages/server/test/features/audit/elsewhere.test.ts'],
    name: 'later-checkpoint-replaced',
    text: 'there > own) {',
    instead: 'there > own + 1_000_000) {',
    rule: 'a file that has a later checkpoint stays as it is'
  },
  {
    file: 'packages/server/src/adapters/sqlite/audit/sqlite-audit.ts',
    killedBy: ['test/contract/store-sqlite.process.test.ts'],
    name: 'log-without-its-revision',
    text: 'document = ? WHERE revision = ?',
    instead: 'document = ? WHERE revision = ? OR 1',
    rule: 'twins write the log one after the other'
  },
  {
    file: 'packages/cli/src/audit/verify-logs.ts',
    killedBy: ['test/journeys/audit/audit.test.ts'],
    name: 'kept-checkpoint-of-no-log',
    text: 'return [...verified, ...strays.map(missing)]',
    instead: 'return verified',
    rule: 'a kept checkpoint whose log is gone is told'
  },
  {
    file: 'packages/cli/src/audit/export-logs.ts',
    killedBy: ['test/journeys/audit/audit.test.ts'],
    name: 'cut-log-replaces-its-copy',
    text: 'if (before.size > head.size) throw cut',
    instead: 'if (false) throw cut',
    rule: 'a log that was cut does not replace a longer copy'
  }
]
