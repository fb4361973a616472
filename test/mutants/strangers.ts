import type { Mutant } from './mutant.ts'

const door = {
  file: 'packages/server/src/door/door.ts',
  killedBy: ['packages/server/test/door/door.test.ts']
}
const guardedSocket = {
  file: 'packages/server/src/door/guarded-socket.ts',
  killedBy: ['packages/server/test/door/guarded-socket.test.ts', 'test/journeys/door/key-updates.test.ts']
}

/** What a stranger may cost, beside what its address and its key may. */
export const strangers: readonly Mutant[] = [
  {
    ...door,
    name: 'older-word-of-a-key',
    text: 'enrolment !== undefined && !guest.noted',
    instead: 'enrolment !== undefined',
    rule: 'what a commit says of a key wins over what was read before'
  },
  {
    ...door,
    name: 'idle-with-a-request-open',
    text: 'if (guest.asking === 0) ',
    instead: '',
    rule: 'a stranger with another request open is not idle'
  },
  {
    ...door,
    name: 'handshakes-put-off-for-ever',
    text: 'this.#came && this.#putOff < putOffAtMost',
    instead: 'this.#came',
    rule: 'connections that come put off a handshake a few times, and not for ever'
  },
  {
    ...door,
    name: 'records-that-wait-without-bound',
    text: 'this.#late.size >= this.#parts.budgets.sent.waiting',
    instead: 'this.#late.size >= Number.POSITIVE_INFINITY',
    rule: 'what waits for a turn after the handshake is bounded in all'
  },
  {
    ...guardedSocket,
    name: 'records-without-end',
    text: 'if (this.#mayCome < 0)',
    instead: 'if (this.#mayCome < 0 && !this.#isOpen)',
    rule: 'what a connection sends between two requests is bounded, after the handshake too'
  },
  {
    ...guardedSocket,
    name: 'no-room-for-the-next-request',
    text: '    this.#mayCome = this.#sent.bytes\n  }\n\n  override',
    instead: '  }\n\n  override',
    rule: 'a connection that asks again and again stays'
  },
  {
    ...guardedSocket,
    name: 'records-out-of-turn',
    text: ' && many <= this.#sent.atOnce',
    instead: '',
    rule: 'what comes in many records waits for its turn',
    killedBy: ['packages/server/test/door/guarded-socket.test.ts']
  },
  {
    file: 'packages/server/src/door/records.ts',
    name: 'small-records-for-nothing',
    text: 'Math.max(headBytes + this.#length, this.#least)',
    instead: 'headBytes + this.#length',
    rule: 'a change of keys costs more than its 27 bytes',
    killedBy: ['packages/server/test/door/records.test.ts', 'test/journeys/door/key-updates.test.ts']
  }
]
