import type { Mutant } from './mutant.ts'

const source = 'packages/agent/src/pairing/servers'
const tests = 'packages/agent/test/pairing/servers'
const choice = { file: `${source}/server-choice.ts`, killedBy: [`${tests}/server-choice.test.ts`] }
const client = { file: `${source}/any-server.ts`, killedBy: [`${tests}/any-server.test.ts`] }
const enemy = [`${tests}/server-choice.test.ts`]
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
    file: `${source}/known-servers.ts`,
    killedBy: [`${tests}/plan-round.test.ts`, ...enemy],
    name: 'names-without-an-end',
    text: '.slice(0, serversAtMost)',
    instead: '',
    rule: 'an agent keeps a bounded number of servers'
  },
  {
    ...client,
    name: 'write-for-each-answer',
    text: '    if (writes > writesAtMost) return\n',
    instead: '',
    rule: 'a server cannot make an agent write for ever'
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
    name: 'header-of-any-length',
    text: 'header.length <= serversHeaderAtMost',
    instead: 'header.length > 0',
    rule: 'a header that is too long names nothing'
  },
  {
    ...words,
    name: 'server-with-a-path',
    text: '/^https:\\/\\/[0-9A-Za-z._:[\\]-]+$/.test(text)',
    instead: "text.startsWith('https://')",
    rule: 'the name of a server is a host and a port, and nothing that a shell or a parser reads as more'
  }
]
