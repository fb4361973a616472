import type { Mutants } from './mutant.ts'

/** What a stranger or a machine can cause, what grows, and what is told to whom. */
export const bounds: Mutants = {
  'one-stranger-more': {
    file: 'packages/server/src/front/connection-guard/decide-admission.ts',
    text: 'census.strangersOfAddress >= limits.strangersOfAddress',
    instead: 'census.strangersOfAddress > limits.strangersOfAddress',
    rule: 'an address has so many places and not one more',
    killedBy: 'packages/server/test/front/connection-guard/deciders.test.ts'
  },
  'older-word-of-a-key': {
    file: 'packages/server/src/front/connection-guard/connection-guard.ts',
    text: 'enrolment !== undefined && !guest.noted',
    instead: 'enrolment !== undefined',
    rule: 'what a commit says of a key wins over what was read before',
    killedBy: 'packages/server/test/front/connection-guard/connection-guard.test.ts'
  },
  'one-call-more': {
    file: 'packages/server/src/core/base/rates/token-bucket.ts',
    text: 'const wait = missing + each - each * burst',
    instead: 'const wait = missing - each * burst',
    rule: 'a bucket gives as many as it has',
    killedBy: 'packages/server/test/core/base/rates/token-bucket.test.ts'
  },
  'requests-one-after-the-other': {
    file: 'packages/server/src/front/http/agents-hooks.ts',
    text: 'if (!socket.destroyed && answers.get(socket)?.writableEnded !== false) {',
    instead: 'if (!socket.destroyed) {',
    rule: 'a connection has one request in flight',
    killedBy: 'test/journeys/door/polls.test.ts'
  },
  'polls-without-end': {
    file: 'packages/server/src/core/commit/waiting.ts',
    text: "    this.#polls.get(key)?.('ended')\n    if",
    instead: '    if',
    rule: 'a key has one open poll',
    killedBy: 'packages/server/test/core/commit/waiting.test.ts'
  },
  'records-without-end': {
    file: 'packages/server/src/front/connection-guard/guarded-socket.ts',
    text: 'if (this.#mayCome < 0)',
    instead: 'if (this.#mayCome < 0 && !this.#isOpen)',
    rule: 'what a connection sends between two requests is bounded, after the handshake too',
    killedBy: 'packages/server/test/front/connection-guard/guarded-socket.test.ts'
  },
  'downloads-of-one-address': {
    file: 'packages/server/src/front/http/decide-download.ts',
    text: 'own >= ofAddress',
    instead: 'own > ofAddress',
    rule: 'an address fetches so many packages at once and not one more',
    killedBy: 'packages/server/test/front/http/decide-download.test.ts'
  },
  'addresses-without-a-rate': {
    file: 'packages/server/src/core/services/agent/sighting.ts',
    text: "    if (decision !== undefined && more.observation === undefined) rates.require('observations', key)\n",
    instead: '',
    rule: 'polls from changing addresses are limited like reports',
    killedBy: 'test/journeys/door/rates.test.ts'
  },
  'operators-route-for-agents': {
    file: 'packages/server/src/front/http/agents-app.ts',
    text: '  const downloads = new Downloads(',
    instead: "  app.get('/v1/codes', async () => [])\n  const downloads = new Downloads(",
    rule: "no route of operators is on the agents' port",
    killedBy: 'test/journeys/door/hostile-input.test.ts'
  },
  'use-without-room': {
    file: 'packages/server/src/adapters/sqlite/timeline/timeline-writer.ts',
    text: "  if (event === 'used') return 'uses'\n",
    instead: '',
    rule: 'each use of a code has room in its timeline',
    killedBy: 'test/contract/store-sqlite.process.test.ts'
  },
  'timeline-without-end': {
    file: 'packages/server/src/adapters/sqlite/timeline/timeline-writer.ts',
    text: ' || hasRoom(subject, entry)))',
    instead: ' || true))',
    rule: 'what agents and the cluster cause in a timeline is bounded',
    killedBy: 'test/contract/store-sqlite.process.test.ts'
  },
  'each-condition-is-a-commit': {
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: 'this.#conditions.withinBudget(before, decided)',
    instead: 'decided',
    rule: 'a kubelet that flips very fast makes few commits',
    killedBy: 'test/journeys/nodes/flapping.test.ts'
  },
  'read-at-each-pass': {
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '      if (!isArriving(enrolment)) left.note(head.id, judgedBy(enrolment.revision))\n',
    instead: '',
    rule: 'a pass does not read an enrolment of which nothing has changed',
    killedBy: 'test/journeys/store/pass-cost.test.ts'
  },
  'ban-that-ends-too-soon': {
    file: 'packages/server/src/core/retention/decide-prune.ts',
    text: 'export const guardDays = 396',
    instead: 'export const guardDays = 365',
    rule: 'a name is banned for longer than any certificate of it is good: 13 months',
    killedBy: 'packages/server/test/core/retention/decide-prune.test.ts'
  },
  'package-that-no-code-names': {
    file: 'packages/server/src/core/ports/store/agent-packages.ts',
    text: '    if (!(await this.#store.namesPackage(sha256))) return undefined\n',
    instead: '',
    rule: 'a package is given while a code names it, and no longer',
    killedBy: 'test/journeys/codes/packages.test.ts'
  },
  'knock-at-a-claim': {
    file: 'packages/server/src/features/dial-back/dial-back.ts',
    text: '!facts.addresses.includes(address) || ',
    instead: '',
    rule: 'the server knocks only where the machine itself is',
    killedBy: 'packages/server/test/features/dial-back/dial-back.test.ts'
  },
  'listener-without-a-nonce': {
    file: 'packages/server/src/features/dial-back/tcp-dialler.ts',
    text: "resolve(timingSafeEqual(answer, expected) ? 'open' : 'no-answer')",
    instead: "resolve('open')",
    rule: 'a listener that is dialled back answers a nonce',
    killedBy: 'packages/server/test/features/dial-back/tcp-dialler.test.ts'
  },
  'machine-says-anything': {
    file: 'packages/server/src/features/diagnosis/why/reported.ts',
    text: "from !== 'machine' || !machineCodes.includes(code)",
    instead: "from !== 'machine'",
    rule: 'a machine reports only what a machine can see',
    killedBy: 'packages/server/test/features/diagnosis/why/reported.test.ts'
  },
  'machine-hides-the-cluster': {
    file: 'packages/server/src/features/diagnosis/why/judge-causes.ts',
    text: 'Math.min(claims.length, placesOfMachine)',
    instead: 'claims.length',
    rule: 'a machine hides nothing that the cluster shows',
    killedBy: 'packages/server/test/features/diagnosis/why/judge-causes.test.ts'
  },
  'machine-words-taken-for-ours': {
    file: 'packages/server/src/core/enrolment/facts/attempts.ts',
    text: "failedBy === 'server' ? failure : `as the machine reports it: ${failure}`",
    instead: 'failure',
    rule: 'what a machine says of itself is shown as its claim',
    killedBy: 'packages/server/test/core/enrolment/facts/attempts.test.ts'
  },
  'log-text-as-it-is': {
    file: 'packages/host/src/text/log-text.ts',
    text: 'asciiJson(JSON.stringify(value))',
    instead: 'String(value)',
    rule: 'hostile text forges neither a field nor a line of the log',
    killedBy: 'packages/server/test/core/base/log.test.ts'
  },
  'signature-without-the-time': {
    file: 'packages/server/src/features/notices/sign.ts',
    text: '`${id}.${timestamp}.${body}`',
    instead: '`${id}.${body}`',
    rule: 'the official library verifies the signature',
    killedBy: 'packages/server/test/features/notices/sign.test.ts'
  },
  'bundle-not-scrubbed': {
    file: 'packages/cli/src/bundle/collect.ts',
    text: 'const whole = maskSecrets(await read())',
    instead: 'const whole = await read()',
    rule: 'no file of a bundle has a text that looks like a secret',
    killedBy: 'packages/cli/test/bundle/collect.test.ts'
  },
  'answers-without-their-shapes': {
    file: 'packages/server/src/front/http/routes/register.ts',
    text: 'querystring: query, body }),\n        response\n',
    instead: 'querystring: query, body })\n',
    rule: 'a field that no shape of an answer names is in no answer',
    killedBy: 'test/journeys/approval/internal-fields.test.ts'
  },
  'store-for-everybody': {
    file: 'packages/server/src/adapters/sqlite/sqlite-store.ts',
    text: "closeSync(openSync(file, 'a', 0o600))\n    for (const one of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(one)) chmodSync(one, 0o600)",
    instead: "closeSync(openSync(file, 'a'))",
    rule: 'the store is for its own user alone',
    killedBy: 'test/contract/store-sqlite.process.test.ts'
  },
  'return-of-who-was-turned-away': {
    file: 'packages/server/src/core/enrolment/outsider/decide-outsider.ts',
    text: "if (isTurnedAway(former) && csr.created > new Date(former.since)) return 'returns'\n",
    instead: '',
    rule: 'who was turned away and asks again is told of',
    killedBy: 'packages/server/test/core/enrolment/outsider/judge-request.test.ts'
  },
  'alert-without-a-rule': {
    file: 'monitoring/joinery.rules.yml',
    text: '|log-edited|',
    instead: '|',
    rule: 'each alert is in a rule for Prometheus',
    killedBy: 'test/monitoring/monitoring.process.test.ts'
  },
  'core-of-the-server': {
    file: 'systemd/joinery-server.service',
    text: 'LimitCORE=0\n',
    instead: '',
    rule: 'the server leaves no core dump',
    killedBy: 'test/packaging/units.process.test.ts'
  },
  'another-node-is-packaged': {
    file: 'packaging/node/pinned-node.ts',
    text: 'if (found === pinned) return',
    instead: 'return',
    rule: 'no package is made of another Node than the pinned one',
    killedBy: 'test/packaging/pinned-node.process.test.ts'
  }
}
