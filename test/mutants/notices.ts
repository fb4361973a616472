import type { Mutant } from './mutant.ts'

const webhooks = { killedBy: ['packages/server/test/features/notices/webhooks.test.ts'] }

/** What receivers of notices can cause, and what they learn. */
export const noticeMutants: readonly Mutant[] = [
  {
    file: 'packages/server/src/features/notices/entry-reader.ts',
    ...webhooks,
    name: 'notices-without-their-place',
    text: 'append({ queue: { receivers: [document], notices } })',
    instead: 'append({ queue: { notices } })',
    rule: 'the place is in the commit of the notices, so no event is queued twice'
  },
  {
    file: 'packages/server/src/features/notices/entry-reader.ts',
    ...webhooks,
    name: 'notices-behind-a-commit-that-failed',
    text: 'this.#read = isOwed ? 0 : place',
    instead: 'this.#read = place',
    rule: 'an entry of which a notice was not committed is read again'
  },
  {
    file: 'packages/server/src/features/notices/entry-reader.ts',
    ...webhooks,
    name: 'place-beyond-the-store',
    text: 'this.#isFitting = found.place <= last',
    instead: 'this.#isFitting = true',
    rule: 'a receiver whose place the store does not have goes on from the end, with an alert'
  },
  {
    file: 'packages/server/src/features/notices/decide-queue.ts',
    killedBy: ['packages/server/test/features/notices/decide-queue.test.ts'],
    name: 'flood-of-notices',
    text: 'if (count < most) {',
    instead: 'if (count < most || count >= most) {',
    rule: 'a flood of one kind is a known number of notices'
  },
  {
    file: 'packages/server/src/features/notices/decide-try.ts',
    killedBy: ['packages/server/test/features/notices/decide-try.test.ts'],
    name: 'redirect-is-a-delivery',
    text: 'status >= 200 && status < 300',
    instead: 'status >= 200 && status < 400',
    rule: 'only 2xx is a delivery'
  },
  {
    file: 'packages/server/src/features/notices/deliveries.ts',
    ...webhooks,
    name: 'no-pause-of-a-dead-receiver',
    text: 'if (rest > 0) return rest',
    instead: 'if (rest > 3_600_000) return rest',
    rule: 'a dead receiver costs a try in five minutes, however many notices wait'
  },
  {
    file: 'packages/server/src/features/notices/deliveries.ts',
    ...webhooks,
    name: 'failure-of-a-server-that-ends',
    text: 'if (signal.aborted) return idle',
    instead: 'if (signal.aborted && tried.delivered) return idle',
    rule: 'a try that the end of the server cut is no failure of its receiver'
  },
  {
    file: 'packages/server/src/features/notices/sign.ts',
    killedBy: ['packages/server/test/features/notices/sign.test.ts'],
    name: 'signature-without-the-time',
    text: '`${id}.${timestamp}.${body}`',
    instead: '`${id}.${body}`',
    rule: 'the official library verifies the signature'
  },
  {
    file: 'packages/server/src/features/notices/send.ts',
    killedBy: ['packages/server/test/features/notices/send.test.ts'],
    name: 'http-to-another-host',
    text: 'if (error === null && !addresses.every(isLoopback)) {',
    instead: 'if (error === null && !addresses.some(isLoopback)) {',
    rule: 'http goes to this host alone, wherever the name leads'
  },
  {
    file: 'packages/server/src/features/notices/entry-reader.ts',
    killedBy: ['packages/server/test/features/notices/traces/traces.test.ts'],
    name: 'trace-that-was-sent-is-sent-again',
    text: 'if (!isOwed && !sent && place - receiver.place < budget.unsaved) return left',
    instead: 'if (!isOwed && place - receiver.place < budget.unsaved) return left',
    rule: 'the place moves when the collector has a trace, so a restart sends it once'
  },
  {
    file: 'packages/server/src/features/notices/traces/spans-of.ts',
    killedBy: ['packages/server/test/features/notices/traces/spans-of.test.ts'],
    name: 'details-in-a-trace',
    text: '.map(({ event, at }) => ({ name: tame(event, 64), at }))',
    instead: '.map(({ event, at, detail }) => ({ name: `${tame(event, 64)} ${detail}`, at }))',
    rule: 'no key, address or token is in a trace'
  },
  {
    file: 'packages/host/src/text/log-text.ts',
    killedBy: ['packages/server/test/core/base/log.test.ts'],
    name: 'log-text-as-it-is',
    text: 'asciiJson(JSON.stringify(value))',
    instead: 'String(value)',
    rule: 'hostile text forges neither a field nor a line of the log'
  }
]
