import type { Mutants } from './mutant.ts'

/** Whom a laptop, a browser and root believe, and what a rule of the policy may rest on. */
export const trust: Mutants = {
  'statement-under-the-shown-pin': {
    file: 'packages/cli/src/kubernetes/pin/open-install.ts',
    text: 'const { pin } = judged.named',
    instead: 'const { pin } = installation',
    rule: 'a statement is opened under the pin that the operator named',
    killedBy: 'test/journeys/kubernetes-door-command/signed.test.ts'
  },
  'facts-of-the-view-in-user-data': {
    file: 'packages/cli/src/kubernetes/pin/open-install.ts',
    text: '  const { issued, cluster, version: _, ...facts } = opened.statement\n',
    instead:
      '  const { issued, cluster } = opened.statement\n  const { server, servers, apiEndpoint, package: agentPackage } = installation\n  const facts = { server, apiEndpoint, ...given({ servers, package: agentPackage }) }\n',
    rule: 'user-data has only what was signed',
    killedBy: 'test/journeys/kubernetes-door-command/signed.test.ts'
  },
  'statement-for-ever': {
    file: 'packages/cli/src/kubernetes/pin/open-install.ts',
    text: '!(at >= now.getTime() - lifetime)',
    instead: '!(at >= 0)',
    rule: 'a statement counts for 24 hours',
    killedBy: 'test/journeys/kubernetes-door-command/signed.test.ts'
  },
  'older-statement-believed': {
    file: 'packages/cli/src/kubernetes/pin/open-install.ts',
    text: 'newest !== undefined && !(at >= Date.parse(newest) - apart)',
    instead: 'newest !== undefined && at < 0',
    rule: 'a statement that is older than one that was accepted is refused',
    killedBy: 'test/journeys/kubernetes-door-command/signed.test.ts'
  },
  'next-pin-that-nobody-signed': {
    file: 'packages/cli/src/kubernetes/pin/open-install.ts',
    text: 'openNextPin(signedNextPin, pin).catch(() => undefined)',
    instead: 'openNextPin(signedNextPin, pin).catch(() => `sha256:${"f".repeat(64)}`)',
    rule: 'a next pin counts only if the CA of the present one signed it',
    killedBy: 'test/journeys/kubernetes-door-command/signed.test.ts'
  },
  'another-cluster-behind-a-context': {
    file: 'packages/cli/src/kubernetes/pin/trust.ts',
    text: "  if (verdict === 'elsewhere') throw changedPin(found)\n",
    instead: '',
    rule: 'another cluster on a known way makes no user-data',
    killedBy: 'test/journeys/kubernetes-door-command/signed.test.ts'
  },
  'way-that-is-forgotten': {
    file: 'packages/cli/src/session/told.ts',
    text: "return flags === '' ? begin : `${begin}${flags} `",
    instead: 'return begin',
    rule: 'a command that is printed goes to the cluster that the operator named',
    killedBy: 'packages/cli/test/session/told.test.ts'
  },
  'program-of-a-file-as-root': {
    file: 'packages/cli/src/kubernetes/heed-program.ts',
    text: 'root === true && !allowsExec',
    instead: 'false',
    rule: 'no file says what root runs',
    killedBy: 'packages/cli/test/kubernetes/credential.test.ts'
  },
  'ca-key-through-a-link': {
    file: 'packages/server/src/core/keys/plain-file.ts',
    text: 'constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK',
    instead: 'constants.O_RDONLY | constants.O_NONBLOCK',
    rule: 'root follows no link out of the folder of the server',
    killedBy: 'packages/server/test/core/keys/authority-keys.test.ts'
  },
  'ca-key-opened-by-the-server': {
    file: 'packages/server/src/core/keys/state-keys.ts',
    text: "  const certificateAuthority = await certificate(join(state, 'ca.crt'))\n",
    instead:
      "  const certificateAuthority = await certificate(join(state, 'ca.crt'))\n  await readAuthorityPair(state, 'ca.key', certificateAuthority)\n",
    rule: 'the serving process never opens the key of its CA',
    killedBy: 'packages/server/test/program/start.process.test.ts'
  },
  'console-rebound': {
    file: 'packages/cli/src/console/guard/judge-request.ts',
    text: "  if (host !== own) return 'wrong-host'\n",
    instead: '',
    rule: 'only the name of this console reaches it',
    killedBy: 'packages/cli/test/console/judge-request.test.ts'
  },
  'console-link-twice': {
    file: 'packages/cli/src/console/guard/entrance.ts',
    text: '    this.#link = undefined\n    const cookie',
    instead: '    const cookie',
    rule: 'the link is good once',
    killedBy: 'packages/cli/test/console/entrance.test.ts'
  },
  'console-rejects-a-later-look': {
    file: 'packages/cli/src/console/decisions.ts',
    text: 'client.reject(id, { reason }, lookOf(shown))',
    instead: 'client.reject(id, { reason })',
    rule: 'the door itself binds a decision to what was on the screen',
    killedBy: 'packages/cli/test/console/decisions.test.ts'
  },
  'policy-any-code-is-proof': {
    file: 'packages/policy/src/ruling/judge-machine.ts',
    text: 'outcome?.failed === undefined && code?.proof !== true',
    instead: 'outcome?.failed === undefined && code === undefined',
    rule: 'who may only invite approves nobody by a rule',
    killedBy: 'packages/policy/test/ruling/judge-machine.test.ts'
  },
  'policy-failed-rule-decides': {
    file: 'packages/policy/src/ruling/ruling.ts',
    text: 'if (outcome.failed !== undefined) {',
    instead: 'if (outcome.failed === "") {',
    rule: 'a rule that fails approves nobody, and rejects nobody',
    killedBy: 'packages/policy/test/ruling/ruling.test.ts'
  },
  'policy-one-side-of-or': {
    file: 'packages/policy/src/cel/leans-on-proof.ts',
    text: 'return asTrue ? args.every((one) => leans(one, true))',
    instead: 'return asTrue ? args.some((one) => leans(one, true))',
    rule: 'an or rests on proof only if both sides do',
    killedBy: 'packages/policy/test/cel/expressions.test.ts'
  },
  'policy-of-others': {
    file: 'packages/policy/src/document/read-text.ts',
    text: '(mode & 0o022) === 0',
    instead: '(mode & 0o002) === 0',
    rule: 'the server reads no policy that others may write',
    killedBy: 'packages/policy/test/document/load-policy.test.ts'
  },
  'rewritten-and-not-seen': {
    file: 'packages/tlog/src/verify.ts',
    text: 'if (isSameHash(root, head.root)) same = head.size',
    instead: 'if (root) same = head.size',
    rule: 'a checkpoint that was kept fits the leaves of the log',
    killedBy: 'packages/tlog/test/verify.test.ts'
  },
  'copy-of-another-log': {
    file: 'packages/cli/src/audit/export-logs.ts',
    text: 'before.origin !== head.origin || ',
    instead: '',
    rule: 'the log of another server does not replace a copy',
    killedBy: 'packages/cli/test/audit/export-logs.test.ts'
  }
}
