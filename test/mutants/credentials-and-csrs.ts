import type { Mutants } from './mutant.ts'

/** What lets a machine in: tokens, requests for certificates, grants, bans and Nodes. */
export const credentialsAndCsrs: Mutants = {
  'pem-of-another-form': {
    file: 'packages/server/src/core/enrolment/csr/csr-request.ts',
    text: 'pemOf(der) === text && isCanonicalDer(der)',
    instead: 'isCanonicalDer(der)',
    rule: 'two parsers never read one text: one canonical PEM block',
    killedBy: 'packages/server/test/core/enrolment/csr/bent-requests.test.ts'
  },
  'der-of-another-form': {
    file: 'packages/server/src/core/enrolment/csr/csr-request.ts',
    text: 'pemOf(der) === text && isCanonicalDer(der)',
    instead: 'pemOf(der) === text',
    rule: 'two parsers never read one text: one canonical DER',
    killedBy: 'packages/server/test/core/enrolment/csr/csr-request.test.ts'
  },
  'csr-of-another-token': {
    file: 'packages/server/src/core/enrolment/csr/csr-guard.ts',
    text: 'tokenId !== attempt.tokenId || csr.denied',
    instead: 'csr.denied',
    rule: 'a request is judged by the attempt whose credential made it',
    killedBy: 'packages/server/test/core/enrolment/csr/csr-guard.test.ts'
  },
  'csr-at-the-deadline': {
    file: 'packages/server/src/core/enrolment/csr/csr-guard.ts',
    text: 'now < new Date(attempt.deadline)',
    instead: 'now <= new Date(attempt.deadline)',
    rule: 'at its deadline, to the millisecond, an attempt is over',
    killedBy: 'packages/server/test/core/enrolment/csr/csr-guard.test.ts'
  },
  'second-csr': {
    file: 'packages/server/src/core/enrolment/csr/csr-guard.ts',
    text: '!open || attempt.csr !== undefined',
    instead: '!open',
    rule: 'one request is granted for each attempt',
    killedBy: 'packages/server/test/core/enrolment/csr/csr-guard.test.ts'
  },
  'csr-of-another-name': {
    file: 'packages/server/src/core/enrolment/csr/csr-guard.ts',
    text: '  only(request.commonNames, nodeUsername(name)) &&\n',
    instead: '',
    rule: 'a request is for the name that was approved',
    killedBy: 'packages/server/test/core/enrolment/csr/csr-guard.test.ts'
  },
  'request-by-another-key': {
    file: 'packages/server/src/core/enrolment/csr/decide-issued.ts',
    text: ' || fingerprint(key) !== joinKey',
    instead: '',
    rule: 'a certificate is for the join key that was approved',
    killedBy: 'packages/server/test/core/enrolment/csr/approved-request.test.ts'
  },
  'certificate-for-another-subject': {
    file: 'packages/server/src/core/enrolment/csr/certificate-fault.ts',
    text: '!only(commonNames, nodeUsername(name)) || ',
    instead: '',
    rule: 'the outcome is looked at: a certificate is for the name that was granted',
    killedBy: 'packages/server/test/core/enrolment/csr/certificate-fault.test.ts'
  },
  'certificate-for-more-names': {
    file: 'packages/server/src/core/enrolment/csr/certificate-fault.ts',
    text: 'return are === granted\n',
    instead: 'return are.includes(granted)\n',
    rule: 'a certificate is for the names that were granted and no more',
    killedBy: 'packages/server/test/core/enrolment/csr/certificate-fault.test.ts'
  },
  'approval-before-the-commit': {
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '      judged = decision === undefined ? current.revision : undefined\n',
    instead:
      '      judged = decision === undefined ? current.revision : undefined\n      const early = decision && workFor(decision.enrolment, csrs, undefined, false).toApprove\n      if (early !== undefined) void this.#parts.giving.approveCsr(early).catch(() => undefined)\n',
    rule: 'commit before act: a request is approved only when that is durable',
    killedBy: 'test/journeys/faults/commit-before-act.test.ts'
  },
  'approval-after-the-end': {
    file: 'packages/server/src/core/enrolment/csr/decide-csrs.ts',
    text: 'const attempt = openAttempt(enrolment)',
    instead: 'const attempt = enrolment.attempts.at(-1)',
    rule: 'no request is approved for an attempt that is over, though it was committed while it was open',
    killedBy: 'packages/server/test/core/enrolment/csr/decide-csrs.test.ts'
  },
  'no-denial-after-the-end': {
    file: 'packages/server/src/core/enrolment/csr/csrs-to-deny.ts',
    text: 'attempt !== open || attempt.refusedCsrs',
    instead: 'attempt.refusedCsrs',
    rule: 'a request of an attempt that is over is denied: an approval on its way must find it so',
    killedBy: 'packages/server/test/core/enrolment/csr/csrs-to-deny.test.ts'
  },
  'token-after-the-end': {
    file: 'packages/server/src/core/credentials/credentials.ts',
    text: 'const attempt = enrolment && openAttempt(enrolment)\n',
    instead: 'const attempt = enrolment?.attempts.at(-1)\n',
    rule: 'no credential after the end: a token is made for an open attempt alone',
    killedBy: 'packages/server/test/core/credentials/credentials.test.ts'
  },
  'token-that-outlives-its-attempt': {
    file: 'packages/server/src/core/credentials/token.ts',
    text: 'expires: expiryOf(attempt),',
    instead: 'expires: new Date(expiryOf(attempt).getTime() + 60_000),',
    rule: 'a token lives no longer than its attempt',
    killedBy: 'packages/server/test/core/credentials/credentials.test.ts'
  },
  'one-secret-for-all-attempts': {
    file: 'packages/server/src/core/credentials/derive.ts',
    text: '${enrolment}\\0${attempt}`',
    instead: '${enrolment}`',
    rule: 'each attempt has a secret of its own',
    killedBy: 'packages/server/test/core/credentials/credentials.test.ts'
  },
  'sweep-that-deletes-nothing-again': {
    file: 'packages/server/src/core/credentials/credentials.ts',
    text: 'if (last || sweep || !this.#deleted.has(what))',
    instead: 'if (last || !this.#deleted.has(what))',
    rule: 'tokens of attempts that are over are deleted again at each sweep',
    killedBy: 'test/journeys/faults/late-calls.test.ts'
  },
  'repeated-token-is-an-error': {
    file: 'packages/server/src/adapters/kubernetes/tokens.ts',
    text: 'if (statusOf(error) !== 409) throw error',
    instead: 'throw error',
    rule: 'a token that is there already is a success, so a lost answer can be given again',
    killedBy: 'test/contract/cluster-fake.test.ts'
  },
  'token-without-the-group-of-all-tokens': {
    file: 'packages/server/src/adapters/kubernetes/kubernetes-cluster.ts',
    text: "groups: ['system:bootstrappers', group, 'system:authenticated'],",
    instead: "groups: [group, 'system:authenticated'],",
    rule: 'whether the cluster would approve is asked with all groups of a token',
    killedBy: 'test/contract/cluster-fake.test.ts'
  },
  'token-in-an-unsafe-cluster': {
    file: 'packages/server/src/core/enrolment/facts/cluster.ts',
    text: '  if (binding === undefined) return\n',
    instead: '  return\n',
    rule: 'never mint what the cluster would approve by itself',
    killedBy: 'test/journeys/certificates/csr-guard.test.ts'
  },
  'recovery-claim-without-approval': {
    file: 'packages/server/src/core/enrolment/recovery/decide-recovery-claim.ts',
    text: "recovery?.state === 'approved' && ",
    instead: '',
    rule: 'nothing is given before an approval',
    killedBy: 'test/journeys/way-back/back.test.ts'
  },
  'grant-to-another-seal-key': {
    file: 'packages/server/src/core/enrolment/verbs/grant.ts',
    text: 'granted.key !== key || granted.sealKey !== sealKey',
    instead: 'granted.key !== key',
    rule: 'a grant is for the seal key that root has read',
    killedBy: 'packages/server/test/core/enrolment/verbs/decide-grant.test.ts'
  },
  'sealed-keys-in-the-timeline': {
    file: 'packages/server/src/core/enrolment/verbs/grant.ts',
    text: 'the keys of the cluster, sealed for key ${key}, until',
    instead: 'the keys of the cluster, sealed as ${granted.sealed}, until',
    rule: 'sealed keys are in no answer but that to the claim',
    killedBy: 'test/journeys/control-plane/grant-shown-to-nobody.test.ts'
  },
  'key-of-another-certificate': {
    file: 'packages/agent/src/steps/open-keys.ts',
    text: "    if (!isKeyOf(text, publicKeys(keys[of] ?? ''))) return { key, of }\n",
    instead: "    publicKeys(keys[of] ?? '')\n",
    rule: 'a control plane takes a key only if it belongs to its certificate',
    killedBy: 'packages/agent/test/steps/key-pairs.test.ts'
  },
  'node-of-another-uuid': {
    file: 'packages/server/src/core/enrolment/node/unwanted-node.ts',
    text: 'if (uuid !== node.machineId && uuid !== facts.productUuid.toLowerCase()) {',
    instead: 'if (false) {',
    rule: 'a Node is the machine that was approved, by its system UUID',
    killedBy: 'packages/server/test/core/enrolment/node/unwanted-node.test.ts'
  },
  'removed-and-not-banned': {
    file: 'packages/server/src/core/enrolment/node/certificate-ban.ts',
    text: 'issued !== undefined || isRemoved(enrolment)',
    instead: 'issued !== undefined',
    rule: 'removed is removed: its name is banned, whatever it had',
    killedBy: 'packages/server/test/core/credentials/decide-ban.test.ts'
  },
  'ban-list-not-followed': {
    file: 'packages/server/src/core/credentials/bans.ts',
    text: 'await sideBySide(missing, atOnce, (name) => this.ban(name))',
    instead: '',
    rule: 'the ban list follows from the store at each sweep: what is missing comes',
    killedBy: 'packages/server/test/core/credentials/bans.test.ts'
  },
  'late-ban-stays': {
    file: 'packages/server/src/core/credentials/bans.ts',
    text: 'if (isLifted(reason, await store.enrolmentsByName(name))) await this.#unban(name, turn)',
    instead: '',
    rule: 'the ban list follows from the store at each sweep: what a claim lifted goes',
    killedBy: 'packages/server/test/core/credentials/bans.test.ts'
  },
  'unban-for-an-attempt-that-ended': {
    file: 'packages/server/src/core/credentials/bans.ts',
    text: '      await this.#unban(name, turn)\n      await this.#requireOpen(id)\n',
    instead: '      await this.#unban(name, turn)\n',
    rule: 'who lifts a ban looks at the store after it',
    killedBy: 'packages/server/test/core/credentials/bans.test.ts'
  },
  'approval-without-its-policy': {
    file: 'packages/server/src/core/credentials/cluster-guard.ts',
    text: "['joinery-csr-approvals'], (cluster) => cluster.approveCsr(csr)",
    instead: '[], (cluster) => cluster.approveCsr(csr)',
    rule: 'no request is approved while its policy is missing',
    killedBy: 'packages/server/test/core/credentials/cluster-guard.test.ts'
  },
  'token-without-the-lease': {
    file: 'packages/server/src/core/credentials/cluster-guard.ts',
    text: 'return give(this.#parts, [], (cluster) => cluster.createToken(token))',
    instead: 'return this.#parts.cluster.createToken(token)',
    rule: 'only the active server makes tokens',
    killedBy: 'packages/server/test/core/credentials/cluster-guard.test.ts'
  }
}
