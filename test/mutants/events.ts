import type { Mutant } from './mutant.ts'

const stream = {
  file: 'packages/server/src/features/events/change-stream.ts',
  killedBy: ['packages/server/test/features/events/change-stream.test.ts']
}
const places = { ...stream, file: 'packages/server/src/features/events/places.ts' }
const derived = {
  file: 'packages/server/src/features/events/derived-changes.ts',
  killedBy: ['packages/server/test/features/events/derived-changes.test.ts']
}
const following = {
  file: 'packages/cli/src/follow/following.ts',
  killedBy: ['packages/cli/test/follow/following.test.ts']
}
const journey = ['test/journeys/store/events.test.ts']
const overKubernetes = {
  file: 'packages/cli/src/kubernetes/views-source.ts',
  killedBy: ['test/journeys/kubernetes-door-command/doors-differ.test.ts']
}

/** Whoever follows the enrolments misses no end, and costs a known number of bytes. */
export const eventMutants: readonly Mutant[] = [
  {
    ...stream,
    name: 'told-before-it-is-noted',
    text: '      await settled()\n',
    instead: '',
    rule: 'the list that a reader asks for after the begin is never older than what is told'
  },
  {
    ...stream,
    name: 'place-of-a-part',
    text: 'reader.due.size === 0 && !reader.isLost ? last : undefined',
    instead: 'last',
    rule: 'a reader that is cut within what was due gets the rest'
  },
  {
    ...stream,
    name: 'slow-reader-without-a-bound',
    text: 'if (reader.due.size >= this.#parts.budget.remembered) {',
    instead: 'if (reader.due.size < 0) {',
    rule: 'a reader that takes nothing costs a known number of ids'
  },
  {
    ...stream,
    name: 'as-many-readers-as-come',
    text: 'if (this.#readers.size >= this.#parts.budget.readers) {',
    instead: 'if (this.#readers.size < 0) {',
    rule: 'the number of streams is bounded'
  },
  {
    ...stream,
    name: 'told-by-a-deposed-server',
    text: 'while (!signal.aborted && leadership().holds()) {',
    instead: 'while (!signal.aborted) {',
    rule: 'a server that is not the active one tells nothing'
  },
  {
    ...stream,
    name: 'state-left-untold',
    text: 'else if (fitsFilters(listed, query)) changed.gone.push(id)',
    instead: 'else if (fitsFilters(listed, query)) changed.gone.push()',
    rule: 'whoever asks for a state hears that a machine has left it'
  },
  {
    ...places,
    name: 'place-of-another-process',
    text: 'of !== this.#process || ',
    instead: '',
    rule: 'the place of another process is not taken for one of this'
  },
  {
    ...places,
    name: 'forgotten-changes-are-none',
    text: 'from < this.#forgotten || ',
    instead: '',
    rule: 'whoever was away for too long looks at all again'
  },
  {
    ...derived,
    name: 'namesakes-untold',
    text: 'if (named.length > 1) for',
    instead: 'if (named.length > 99) for',
    rule: 'the others of a name are told as well'
  },
  {
    ...derived,
    name: 'trouble-untold',
    text: ' || trouble() !== this.#trouble',
    instead: '',
    rule: 'that the cluster went out of reach is told at once'
  },
  {
    ...following,
    name: 'twice-told-is-twice-printed',
    text: 'before === undefined || JSON.stringify(one) !== JSON.stringify(before)',
    instead: 'before !== one',
    rule: 'an enrolment that a source tells twice is no change'
  },
  {
    ...following,
    name: 'gone-after-a-cut-untold',
    text: '.filter((id) => !this.#items.has(id))',
    instead: '.filter((id) => this.#items.has(`${id} `))',
    rule: 'whoever was deleted during a cut is gone'
  },
  {
    file: 'packages/cli/src/follow/socket-source.ts',
    killedBy: journey,
    name: 'reset-without-a-list',
    text: "name === 'reset' || ",
    instead: '',
    rule: 'after a restart of the server the whole list is compared'
  },
  {
    file: 'packages/cli/src/wait/wait-for.ts',
    killedBy: journey,
    name: 'wait-hears-of-nobody',
    text: '(id === undefined ? names.has(called) : ids.has(id))',
    instead: '(id === undefined ? false : ids.has(id))',
    rule: 'a machine that has not enrolled yet is told of by its name'
  },
  {
    file: 'packages/server/src/front/http/routes/events.ts',
    killedBy: journey,
    name: 'stream-holds-up-the-end',
    text: "    app.addHook('preClose', async () => closing.abort())\n",
    instead: '',
    rule: 'an open stream does not hold up the end of a server'
  },
  {
    ...overKubernetes,
    name: 'watch-goes-on-before-it-does',
    text: '    while (!signal.aborted) {\n',
    instead:
      "    if (version !== undefined) yield { type: 'changed', items: [], gone: [] }\n    while (!signal.aborted) {\n",
    rule: 'that the API server answers again is said when it does'
  },
  {
    ...overKubernetes,
    name: 'list-after-each-cut',
    text: '      version = resourceVersion ?? version\n',
    instead: '      version = undefined\n',
    rule: 'a watch that was cut goes on from its place'
  }
]
