import type { Mutant } from './mutant.ts'

const killedBy = ['packages/server/test/program/moving/moving.test.ts']
const move = { file: 'packages/server/src/program/moving/move.ts', killedBy }

/** A store that moves is whole at one place at least, whatever cuts the move. */
export const moving: readonly Mutant[] = [
  {
    ...move,
    name: 'moved-over-another-log',
    text: 'if ((await log.objects.head()) !== undefined) {',
    instead: 'if (false) {',
    rule: 'a store does not move over a log that is there'
  },
  {
    ...move,
    name: 'moved-back-without-a-mark',
    text: 'await ending.note(taken.log)',
    instead: '',
    rule: 'a move that was cut after the log ended comes to its end without the log'
  },
  {
    ...move,
    name: 'moved-back-before-the-log-ends',
    text: '    await endLog()\n',
    instead: '',
    rule: 'a store that moved into a file leaves no log behind'
  },
  {
    file: 'packages/server/src/program/moving/require-no-log.ts',
    killedBy,
    name: 'file-beside-a-log',
    text: 'if (head === undefined) return',
    instead: 'return',
    rule: 'a server with its store in a file does not run beside a log'
  },
  {
    file: 'packages/server/src/adapters/sqlite/mirror/open-mirror.ts',
    killedBy,
    name: 'own-store-that-stands-by',
    text: 'refuseOwn: () => explained(file, () => refuseOwn(database, file)),',
    instead: 'refuseOwn: () => {},',
    rule: 'a server with a store of its own does not stand by for a log'
  }
]
