import type { Mutant } from './mutant.ts'

const door = {
  file: 'packages/server/src/front/connection-guard/connection-guard.ts',
  killedBy: ['packages/server/test/front/connection-guard/connection-guard.test.ts']
}
const guardedSocket = {
  file: 'packages/server/src/front/connection-guard/guarded-socket.ts',
  killedBy: [
    'packages/server/test/front/connection-guard/guarded-socket.test.ts',
    'test/journeys/door/key-updates.test.ts'
  ]
}

const decideDownload = {
  file: 'packages/server/src/front/http/decide-download.ts',
  killedBy: ['packages/server/test/front/http/decide-download.test.ts']
}

const unread = { killedBy: ['test/journeys/door/unread-requests.test.ts'] }

const answers = {
  file: 'packages/agent/src/pairing/http-pairing-server.ts',
  killedBy: ['packages/agent/test/pairing/read-answer.test.ts']
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
    killedBy: ['packages/server/test/front/connection-guard/guarded-socket.test.ts']
  },
  {
    ...guardedSocket,
    name: 'kernel-keeps-what-nobody-reads',
    text: 'this.#socket.writableLength > 0',
    instead: 'false',
    rule: 'a peer that does not read leaves nothing in the kernel when it is cut',
    killedBy: ['packages/server/test/front/connection-guard/guarded-socket.test.ts']
  },
  {
    ...door,
    name: 'answers-that-a-stranger-does-not-read',
    text: 'guest.asked >= this.#parts.budgets.connections.requestsOfStranger',
    instead: 'guest.asked < 0',
    rule: 'a stranger has so many answers on one connection',
    killedBy: ['test/journeys/codes/downloads.test.ts']
  },
  {
    ...decideDownload,
    name: 'downloads-of-one-address',
    text: 'own >= ofAddress',
    instead: 'own > ofAddress',
    rule: 'an address fetches so many packages at once and not one more'
  },
  {
    ...decideDownload,
    name: 'places-of-others-for-ever',
    text: 'most.length > own + 1',
    instead: 'false',
    rule: 'an address that has most gives up a place for one that has fewer'
  },
  {
    ...decideDownload,
    name: 'places-that-go-to-and-fro',
    text: 'most.length > own + 1',
    instead: 'most.length > own',
    rule: 'nobody gives a place to an address that would then have as many'
  },
  {
    file: 'packages/server/src/front/http/downloads.ts',
    name: 'download-that-stands',
    text: 'now - running.moved >= this.#budget.idle',
    instead: 'now - running.moved >= Number.POSITIVE_INFINITY',
    rule: 'a package that does not get on ends',
    killedBy: ['packages/server/test/front/http/downloads.test.ts', 'test/journeys/codes/downloads.test.ts']
  },
  {
    file: 'packages/server/src/front/http/downloads.ts',
    name: 'slow-download-cut',
    text: 'if (bytesRead > running.read) ',
    instead: 'if (bytesRead < running.read) ',
    rule: 'a package that gets on slowly is not cut',
    killedBy: ['packages/server/test/front/http/downloads.test.ts']
  },
  {
    file: 'packages/cli/src/code/install-script.ts',
    name: 'installer-that-gives-up',
    text: 'if answer.status != 429 or not pause.isdigit():',
    instead: 'if True:',
    rule: 'an installer that finds no place waits as it is told',
    killedBy: ['test/journeys/codes/install.process.test.ts']
  },
  {
    file: 'packages/server/src/front/connection-guard/guarded-socket.ts',
    name: 'small-records-for-nothing',
    text: 'Math.max(headBytes + this.#length, this.#least)',
    instead: 'headBytes + this.#length',
    rule: 'a change of keys costs more than its 27 bytes',
    killedBy: ['packages/server/test/front/connection-guard/records.test.ts', 'test/journeys/door/key-updates.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/code/refused-use.ts',
    name: 'refusals-by-name',
    text: 'one.detail.startsWith(`${reason}; `)',
    instead: 'one.detail === detail',
    rule: 'refusals of one reason are one entry, whatever name a machine asks for',
    killedBy: ['packages/server/test/core/enrolment/code/refused-use.test.ts', 'test/journeys/codes/refusals.test.ts']
  },
  {
    file: 'packages/server/src/core/services/agent/sighting.ts',
    name: 'commit-for-each-knock',
    text: 'if (this.#writes.take(code) > 0) {',
    instead: 'if (this.#writes.take(which + many) > 0) {',
    rule: 'a stranger who knocks again and again causes few commits',
    killedBy: ['test/journeys/codes/refusals.test.ts']
  },
  {
    file: 'packages/server/src/core/services/agent/sighting.ts',
    name: 'refusals-not-counted',
    text: 'this.#waiting.set(which, many)',
    instead: '',
    rule: 'a refusal that was not written is counted by the next one',
    killedBy: ['test/journeys/codes/refusals.test.ts']
  },
  {
    file: 'packages/server/src/adapters/sqlite/timeline/timeline-writer.ts',
    name: 'use-without-room',
    text: "  if (event === 'used') return 'uses'\n",
    instead: '',
    rule: 'each use of a code has room in its timeline',
    killedBy: ['test/contract/store-sqlite.process.test.ts']
  },
  {
    ...answers,
    name: 'answer-of-any-type',
    text: 'schema !== undefined && Value.Check(typesOf(schema), content)',
    instead: 'schema !== undefined',
    rule: 'an agent takes no answer of another type than its route has'
  },
  {
    ...answers,
    name: 'answer-of-a-newer-server',
    text: 'Value.Check(typesOf(schema), content)',
    instead: 'Value.Check(schema, content)',
    rule: 'an agent takes what a newer server says beside what it knows'
  },
  {
    name: 'answer-a-byte-at-a-time',
    file: 'packages/agent/src/pairing/http-pairing-server.ts',
    text: 'AbortSignal.any(signals)',
    instead: 'signal',
    rule: 'an answer that comes a byte at a time is given up',
    killedBy: ['packages/agent/test/pairing/read-answer.test.ts']
  },
  {
    ...answers,
    file: 'packages/agent/src/pairing/http-pairing-server.ts',
    name: 'answer-without-end',
    text: '      maxResponseSize: answerBytes,\n',
    instead: '',
    rule: 'an answer has an end'
  },
  {
    ...unread,
    file: 'packages/server/src/front/http/problems-plugin.ts',
    name: 'a-body-that-nobody-reads',
    text: "if (toProblem(error).code === 'too-large') await readAway(request.raw)",
    instead: '',
    rule: 'who sends a body that is too large hears so'
  },
  {
    ...unread,
    file: 'packages/server/src/front/http/routes/claimed-operator.ts',
    name: 'a-claim-that-is-no-name',
    text: ' && isOperatorName(claimed)',
    instead: '',
    rule: 'each call of operators refuses a claim that is no name'
  },
  {
    ...unread,
    file: 'packages/server/src/front/http/unread-requests.ts',
    name: 'a-request-to-no-host',
    text: 'headers.host !== undefined',
    instead: 'headers !== undefined',
    rule: 'a request of HTTP/1.1 names its host'
  }
]
