import type { Mutant } from './mutant.ts'

const killedBy = ['packages/server/test/histories/histories.test.ts']

/** What only shows when servers take over from one another: a judge of whole histories finds it. */
export const historyMutants: readonly Mutant[] = [
  {
    name: 'document-wins-over-a-newer-batch',
    file: 'packages/server/src/features/high-availability/log/taking-over/merge.ts',
    text: 'if ((newest.get(name)?.number ?? -1) >= batch.number) continue',
    instead: 'if (newest.has(name)) continue',
    rule: 'of document and batch the newer one counts',
    killedBy
  },
  {
    name: 'refusal-told-as-success',
    file: 'packages/server/src/features/high-availability/log/head-appender.ts',
    text: '      return this.#refuse(asked, error)\n',
    instead: '',
    rule: 'what is refused is not told as done',
    killedBy
  },
  {
    name: 'take-over-without-memory-that-settles-nothing',
    file: 'packages/server/src/features/high-availability/log/memory/memory.ts',
    text: 'if (!isRemembered(situation, log)) {',
    instead: 'if (false) {',
    rule: 'a server that takes a log over without memory of it settles it',
    killedBy
  }
]
