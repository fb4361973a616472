import type { Mutant } from './mutant.ts'

const commits = {
  file: 'packages/server/src/core/commit/commits.ts',
  killedBy: ['packages/server/test/core/commit/commits.test.ts']
}
const journey = ['test/journeys/store/one-commit.test.ts']

/** A commit has its leaves, and each follower hears of it once, in its place, when it is durable. */
export const commitsOnce: readonly Mutant[] = [
  {
    ...commits,
    name: 'commit-without-its-leaves',
    text: 'const whole = leaves.length === 0 ? change : { ...change, leaves }',
    instead: 'const whole = change',
    rule: 'a decision is durable with its leaf'
  },
  {
    ...commits,
    name: 'follower-skipped',
    text: 'for (const follower of followers()) {',
    instead: 'for (const follower of followers().slice(1)) {',
    rule: 'each follower hears of each commit'
  },
  {
    ...commits,
    name: 'follower-told-twice',
    text: '        follower.take({ place: this.#place, change })\n',
    instead:
      '        follower.take({ place: this.#place, change })\n        follower.take({ place: this.#place, change })\n',
    rule: 'a follower hears of a commit once'
  },
  {
    ...commits,
    name: 'commits-at-one-place',
    text: '    this.#place += 1\n',
    instead: '    this.#place = 1\n',
    rule: 'each commit has a place of its own in their order'
  },
  {
    ...commits,
    name: 'told-before-it-is-durable',
    text: '      result = await store.commit(whole)\n',
    instead: '      this.#tell(whole)\n      result = await store.commit(whole)\n',
    rule: 'a follower hears of nothing that a crash may undo'
  },
  {
    ...commits,
    name: 'told-of-what-was-refused',
    text: "if (result === 'committed' && isTold(change))",
    instead: 'if (isTold(change))',
    rule: 'nobody hears of what was not written'
  },
  {
    ...commits,
    name: 'generation-that-makes-the-next-one',
    text: "const bookkeeping = ['generation', 'queue', 'audit']",
    instead: "const bookkeeping = ['queue', 'audit']",
    rule: "the server's own bookkeeping has no place, or each telling of it would make the next one"
  },
  {
    ...commits,
    name: 'follower-that-fails-a-commit',
    text: "        log.error({ err, follower: follower.name }, 'a follower of commits failed')\n",
    instead: '        throw err\n',
    rule: 'a commit is durable, whatever a follower makes of it'
  },
  {
    file: 'packages/server/src/features/metrics/feature.ts',
    killedBy: journey,
    name: 'metrics-that-follow-nothing',
    text: '  also(container, Follower, (c) => c.resolve(Counting))\n',
    instead: '',
    rule: 'what was committed is counted'
  },
  {
    file: 'packages/server/src/features/notices/feature.ts',
    killedBy: journey,
    name: 'notices-that-follow-nothing',
    text: '      c.resolve(Webhooks).nudge()\n',
    instead: '',
    rule: 'a receiver hears at once of what was committed'
  }
]
