import type { Mutant } from './mutant.ts'

const source = 'packages/agent/src/pairing/servers'
const tests = 'packages/agent/test/pairing/servers'
const choice = { file: `${source}/server-choice.ts`, killedBy: [`${tests}/server-choice.test.ts`] }
const client = { file: `${source}/any-server.ts`, killedBy: [`${tests}/any-server.test.ts`] }
const enemy = [`${tests}/server-choice.test.ts`]
const known = { file: `${source}/known-servers.ts`, killedBy: [`${tests}/known-servers.test.ts`] }
const statement = { file: 'packages/agent/src/pairing/hear-statement.ts', killedBy: [`${tests}/any-server.test.ts`] }
const taken = 'test/journeys/trust/taken-over.test.ts'
const words = {
  file: 'packages/protocol/src/words/servers.ts',
  killedBy: ['packages/protocol/test/words/servers.test.ts']
}

/** What an agent makes of several servers, one of which may be taken over. */
export const servers: readonly Mutant[] = [
  {
    ...choice,
    name: 'waits-at-a-standby',
    text: "error.code === 'not-active'",
    instead: 'false',
    rule: 'an agent goes on if a server only stands by'
  },
  {
    ...choice,
    name: 'asks-all-that-stand-by',
    text: 'filter((other) => !this.#stoodBy(other))',
    instead: 'filter(() => true)',
    rule: 'an agent that heard when another server can be active asks no other one that stood by'
  },
  {
    ...choice,
    name: 'asks-nobody-else-at-a-word-of-a-standby',
    text: 'filter((other) => !this.#stoodBy(other))',
    instead: 'filter(() => false)',
    rule: 'the word of a server that stands by keeps no agent from one that may be active'
  },
  {
    file: 'packages/agent/src/loop/backoff.ts',
    killedBy: ['packages/agent/test/loop/backoff.test.ts'],
    name: 'all-come-when-the-lease-is-over',
    text: 'saysWhen(error) ? apart',
    instead: 'saysWhen(error) ? 0',
    rule: 'agents that were told when another server can be active do not come in one instant'
  },
  {
    file: 'packages/agent/src/pairing/http-pairing-server.ts',
    killedBy: client.killedBy,
    name: 'another-ca-for-ever',
    text: 'if (isKnown && isOfChain(error)) {',
    instead: 'if (isKnown && error === undefined) {',
    rule: 'a server that does not verify by the CA which was met last is looked at again'
  },
  {
    ...choice,
    name: 'leaves-a-busy-server',
    text: "error.next !== 'here'",
    instead: 'true',
    rule: 'an agent stays at a server that answers'
  },
  {
    ...choice,
    name: 'two-calls-pass-over-a-server',
    text: 'if (url !== this.#inUse) return goingOn(said)',
    instead: '',
    rule: 'of two calls that fail at one server only one chooses another'
  },
  {
    file: `${source}/plan-round.ts`,
    killedBy: enemy,
    name: 'all-that-was-named-in-one-round',
    text: '.slice(0, learnedInRound)',
    instead: '',
    rule: 'what a server names keeps the agent from those of its configuration only for a few tries'
  },
  {
    file: `${source}/plan-round.ts`,
    killedBy: [`${tests}/plan-round.test.ts`],
    name: 'silent-server-in-each-round',
    text: 'round.some(answers) ? round.filter((url) => !rests(url)) : round',
    instead: 'round',
    rule: 'a server that swallows connections is left alone while another one answers'
  },
  {
    ...known,
    name: 'names-without-an-end',
    text: '.slice(0, serversAtMost)',
    instead: '',
    rule: 'an agent keeps a bounded number of servers'
  },
  {
    file: `${source}/servers-file.ts`,
    killedBy: [`${tests}/servers-file.test.ts`],
    name: 'write-for-each-answer',
    text: '      if (text === kept) return\n',
    instead: '',
    rule: 'an agent writes its servers only if they have changed'
  },
  {
    file: `${source}/servers-file.ts`,
    killedBy: [`${tests}/servers-file.test.ts`],
    name: 'named-once-is-kept',
    text: 'servers.filter(({ proven }) => proven).map',
    instead: 'servers.map',
    rule: 'a server that was named once has to be named anew after a restart'
  },
  {
    ...known,
    name: 'named-twice-at-once',
    text: 'server.proven || now - server.named < apart ? server',
    instead: 'server.proven ? server',
    rule: 'a server that was taken over for a minute teaches nothing',
    killedBy: [`${tests}/known-servers.test.ts`, `${tests}/any-server.test.ts`, `${tests}/server-choice.test.ts`]
  },
  {
    ...known,
    name: 'learned-addresses-teach',
    text: 'if (server === undefined) return teaches ?',
    instead: 'if (server === undefined) return true ?',
    rule: 'a server that was only learned teaches no further one'
  },
  {
    ...known,
    name: 'named-once-is-asked',
    text: '  ...learned.filter(({ proven }) => proven).map',
    instead: '  ...learned.map',
    rule: 'a server that was named once is not asked',
    killedBy: [`${tests}/known-servers.test.ts`, `${tests}/plan-round.test.ts`, `${tests}/server-choice.test.ts`]
  },
  {
    ...known,
    name: 'next-key-by-an-older-meeting',
    text: 'server.url === url && server.met === pin',
    instead: 'server.url === url && server.met !== undefined',
    rule: 'a learned server may have the next key if it was met by the present one'
  },
  {
    file: `${source}/plan-round.ts`,
    killedBy: [`${tests}/plan-round.test.ts`, `${tests}/server-choice.test.ts`, `${tests}/any-server.test.ts`, taken],
    name: 'learned-server-at-once',
    text: '...(isSilent ?',
    instead: '...(now >= 0 ?',
    rule: 'a learned server is asked only if no configured one was active for a minute'
  },
  {
    ...choice,
    name: 'left-over-of-a-forgotten-server',
    text: '    this.#left = this.#left?.filter((url) => now.includes(url))\n',
    instead: '',
    rule: 'a server that is not named any more is not asked in the rest of the round'
  },
  {
    ...choice,
    name: 'stays-at-a-forgotten-server',
    text: 'if (now.includes(this.#inUse)) this',
    instead: 'if (now.length > 0) this',
    rule: 'an agent leaves a server that is not named any more'
  },
  {
    ...choice,
    name: 'stays-at-a-learned-server',
    text: 'this.#now() - triedAt < lookAgain) return',
    instead: 'this.#now() - triedAt >= 0) return',
    rule: 'while a learned server answers, those of the configuration are asked again',
    killedBy: [`${tests}/server-choice.test.ts`, taken]
  },
  {
    ...choice,
    name: 'silence-from-the-last-failure',
    text: 'this.#silentSince ??= this.#now()',
    instead: 'this.#silentSince = this.#now()',
    rule: 'the silence of the configured servers begins with the first failure'
  },
  {
    ...choice,
    name: 'silence-without-an-end',
    text: '    if (this.#isConfigured(url)) this.#silentSince = undefined\n',
    instead: '',
    rule: 'a configured server that is active ends the silence'
  },
  {
    ...statement,
    name: 'statement-by-anybody',
    text: 'await openStatement(text, [pin])',
    instead: "{ statement: JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) }",
    rule: 'a statement counts only under the pin that its server has proven'
  },
  {
    ...statement,
    name: 'word-with-a-foreign-next-pin',
    text: 'await openNextPin(nextPin, pin)',
    instead: 'await openNextPin(nextPin, pin).catch(() => pin)',
    rule: 'a word whose next pin does not open is ignored as a whole'
  },
  {
    ...statement,
    name: 'fetched-for-each-answer',
    text: '  if (last.digest === header && last.pin === pin) return last.word\n',
    instead: '',
    rule: 'a statement is asked for only if its digest is another'
  },
  {
    ...statement,
    name: 'refusal-drops-what-is-known',
    text: 'status < 300 ? nothing : undefined',
    instead: 'nothing',
    rule: 'a refusal without a statement changes nothing'
  },
  {
    ...statement,
    name: 'silence-keeps-what-is-known',
    text: 'status < 300 ? nothing : undefined',
    instead: 'undefined',
    rule: 'what was kept goes with the answer of a server that says nothing'
  },
  {
    ...statement,
    name: 'complaint-for-each-statement',
    text: 'if (!last.complained) log',
    instead: 'log',
    rule: 'statements that do not open cost one line of the log'
  },
  {
    ...client,
    name: 'stopped-call-blames-its-server',
    text: ' || given.some(isAborted)',
    instead: '',
    rule: 'a caller that is stopped says nothing about the server'
  },
  {
    file: `${source}/servers-file.ts`,
    killedBy: [`${tests}/servers-file.test.ts`],
    name: 'servers-of-another-installation',
    text: 'stored.pin === pin ?',
    instead: "stored.pin !== '' ?",
    rule: 'learned servers belong to one pin'
  },
  {
    ...words,
    name: 'server-with-a-path',
    text: '/^https:\\/\\/[0-9A-Za-z._:[\\]-]+$/.test(text)',
    instead: "text.startsWith('https://')",
    rule: 'the name of a server is a host and a port, and nothing that a shell or a parser reads as more'
  }
]
