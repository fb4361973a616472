import type { Mutant } from './mutant.ts'

const room = 'packages/cli/src/console'
const units = 'packages/cli/test/console'
const attacks = 'packages/cli/test/commands/console/attacks.test.ts'
const judge = { file: `${room}/guard/judge-request.ts`, killedBy: [`${units}/judge-request.test.ts`] }
const entrance = { file: `${room}/guard/entrance.ts`, killedBy: [`${units}/entrance.test.ts`] }
const decisions = { file: `${room}/decisions.ts`, killedBy: ['test/journeys/console/console.test.ts'] }
const words = { file: `${room}/api.ts`, killedBy: [`${units}/describe-door.test.ts`] }

/** Who comes in to a console, and what it does for whom. */
export const console: readonly Mutant[] = [
  {
    ...words,
    name: 'console-shows-the-password-of-a-kubeconfig',
    text: '`${host}${pathname',
    instead: '`${server}${pathname',
    rule: 'of the URL of an API server a page shows the place alone'
  },
  {
    ...judge,
    name: 'console-rebound',
    text: "  if (host !== own) return 'wrong-host'\n",
    instead: '',
    rule: 'only the name of this console reaches it'
  },
  {
    ...judge,
    name: 'console-other-origin',
    text: "  if (origin !== undefined && !isOwn) return 'wrong-origin'\n",
    instead: '',
    rule: 'a page of another origin gets nothing'
  },
  {
    ...judge,
    name: 'console-post-without-origin',
    text: 'if (isPost && (!isApi || !isOwn))',
    instead: 'if (isPost && !isApi)',
    rule: 'a post says its origin'
  },
  {
    ...judge,
    name: 'console-other-site',
    text: "site !== 'same-origin' && (isPost || site !== 'none')",
    instead: "site === 'cross-site'",
    rule: 'another port of the same host is another origin'
  },
  {
    ...judge,
    name: 'console-form-posts',
    text: "!/^application\\/json(;|$)/i.test(contentType ?? '')",
    instead: 'contentType === undefined',
    rule: 'a post is JSON, which no form sends'
  },
  {
    ...entrance,
    name: 'console-link-twice',
    text: '    this.#link = undefined\n    const cookie',
    instead: '    const cookie',
    rule: 'the link is good once'
  },
  {
    ...entrance,
    name: 'console-link-for-ever',
    text: 'this.#link !== undefined && this.#parts.monotonic() < this.#until',
    instead: 'this.#link !== undefined',
    rule: 'the link is good for ten minutes'
  },
  {
    ...entrance,
    name: 'console-cookie-after-end',
    text: '    this.#link = undefined\n    this.#cookie = undefined\n',
    instead: '    this.#link = undefined\n',
    rule: 'after the end a cookie is worth nothing'
  },
  {
    file: `${room}/http/handler.ts`,
    killedBy: [attacks],
    name: 'console-without-cookie',
    text: '      if (!entrance.knows(readCookie(headers.cookie))) throw notSignedIn()\n',
    instead: '',
    rule: 'nobody has data without the cookie'
  },
  {
    file: `${room}/http/handler.ts`,
    killedBy: [attacks],
    name: 'console-code-of-nobody',
    text: "if (name === 'codeCreate' && !isDelivered)",
    instead: "if (name === 'show')",
    rule: 'a code that nobody has is revoked'
  },
  {
    file: `${room}/http/handler.ts`,
    killedBy: [attacks],
    name: 'console-endless-body',
    text: "    if (size > bodyLimit) throw refusal('too-large')\n",
    instead: '    if (size > 1e9) break\n',
    rule: 'a body ends at its limit'
  },
  {
    file: `${room}/http/handler.ts`,
    killedBy: [attacks],
    name: 'console-tag-in-json',
    text: ".replace(/</g, '\\\\u003c')",
    instead: '',
    rule: 'no answer has a tag'
  },
  {
    file: `${room}/http/listen.ts`,
    killedBy: [attacks],
    name: 'console-beside-a-squatter',
    text: "error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'",
    instead: 'error.code',
    rule: 'nobody else has the port on the other loopback address'
  },
  {
    ...decisions,
    name: 'console-decides-unseen',
    text: '  if (now.revision === revision && now.key === key) return\n',
    instead: '  if (now.key === key || revision > 0) return\n',
    rule: 'a decision covers what was on the screen'
  },
  {
    ...decisions,
    name: 'console-removes-control-plane',
    text: '    requireWorker(now, holder)\n',
    instead: '',
    rule: 'a control plane is not removed by the console'
  },
  {
    ...decisions,
    killedBy: [`${units}/decisions.test.ts`],
    name: 'console-rejects-a-later-look',
    text: 'client.reject(id, { reason }, lookOf(shown))',
    instead: 'client.reject(id, { reason })',
    rule: 'the door itself binds a decision to what was on the screen'
  },
  {
    ...decisions,
    name: 'console-replaces-another-node',
    text: 'const isSameNode = node === undefined || node.uid === shown.uid',
    instead: 'const isSameNode = node === undefined || node.uid !== ""',
    rule: 'a machine takes the place of the Node that was on the screen, and of no other'
  },
  {
    ...decisions,
    name: 'console-replaces-another-key',
    text: 'former.id === shown.former?.id && former.key === shown.former?.key',
    instead: 'former.id === shown.former?.id',
    rule: 'a machine takes the place of the key that was on the screen, and of no other'
  },
  {
    file: `${room}/http/streams.ts`,
    killedBy: [attacks],
    name: 'console-stream-breaks-off',
    text: 'end: () => response.end()',
    instead: 'end: () => {}',
    rule: 'the stream in which a page hears why its console ends is whole'
  },
  {
    file: `${room}/looks.ts`,
    killedBy: [`${units}/looks.test.ts`],
    name: 'console-old-look',
    text: 'this.#take(this.#following.took(enrolment))',
    instead: 'this.#take({ changed: [enrolment], gone: [] })',
    rule: 'after a deed no older look is answered'
  },
  {
    file: `${room}/looks.ts`,
    killedBy: [`${units}/looks.test.ts`],
    name: 'console-late-page-is-live',
    text: '    if (this.#away !== undefined) listener.hear(JSON.stringify(this.#away))\n',
    instead: '',
    rule: 'a page that comes while the server is away is told so'
  },
  {
    file: `${room}/api.ts`,
    killedBy: [`${units}/pages.test.ts`],
    name: 'console-right-not-asked',
    text: '.filter((name) => lacks.has(name))',
    instead: '.slice(0, lacks.size === 99 ? 1 : 0)',
    rule: 'what one may not do is shown as not possible'
  }
]
