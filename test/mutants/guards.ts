import type { Mutant } from './mutant.ts'

const csrGuard = {
  file: 'packages/server/src/core/enrolment/csr/csr-guard.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/csr-guard.test.ts']
}
const kubeletKeys = {
  file: 'packages/server/src/core/ports/cluster/kubelet-keys.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/csr-guard.test.ts']
}
const csrRequest = {
  file: 'packages/server/src/core/enrolment/csr/csr-request.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/bent-requests.test.ts']
}
const toApprove = {
  file: 'packages/server/src/core/enrolment/csr/decide-csrs.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/decide-csrs.test.ts']
}
const toDeny = {
  file: 'packages/server/src/core/enrolment/csr/csrs-to-deny.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/csrs-to-deny.test.ts']
}
const nodeGuard = {
  file: 'packages/server/src/core/enrolment/csr/decide-node-csrs.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/node-csr-guard.test.ts']
}
const serving = {
  file: 'packages/server/src/core/enrolment/serving/serving-csr-guard.ts',
  killedBy: ['packages/server/test/core/enrolment/serving/serving-csr-guard.test.ts']
}
const fault = {
  file: 'packages/server/src/core/enrolment/csr/certificate-fault.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/certificate-fault.test.ts']
}

/** What is judged of the cluster: requests, certificates and Nodes; and who gets a place at the door. */
export const guards: readonly Mutant[] = [
  {
    ...csrGuard,
    name: 'csr-of-another-token',
    text: 'tokenId !== attempt.tokenId || csr.denied',
    instead: 'csr.denied',
    rule: 'a request is judged by the attempt whose credential made it'
  },
  {
    ...csrGuard,
    name: 'csr-that-was-denied',
    text: 'tokenId !== attempt.tokenId || csr.denied',
    instead: 'tokenId !== attempt.tokenId',
    rule: 'what somebody denied is left alone'
  },
  {
    ...csrGuard,
    name: 'csr-refused-twice',
    text: ' || attempt.refusedCsrs.includes(csr.uid)',
    instead: '',
    rule: 'a request that was refused is not told of again'
  },
  {
    ...csrGuard,
    name: 'csr-at-the-deadline',
    text: 'now < new Date(attempt.deadline)',
    instead: 'now <= new Date(attempt.deadline)',
    rule: 'at its deadline, to the millisecond, an attempt is over'
  },
  {
    ...csrGuard,
    name: 'csr-of-who-is-not-joining',
    text: 'hasOpenAttempt(enrolment) && attempt === ',
    instead: 'attempt === ',
    rule: 'a request is granted in joining and in no other state'
  },
  {
    ...csrGuard,
    name: 'csr-of-an-attempt-before',
    text: 'attempt === enrolment.join.attempts.at(-1) && ',
    instead: '',
    rule: 'a request is granted to the last attempt'
  },
  {
    ...csrGuard,
    name: 'second-csr',
    text: '!open || attempt.csr !== undefined',
    instead: '!open',
    rule: 'one request is granted for each attempt'
  },
  {
    ...csrGuard,
    name: 'csr-for-another-signer',
    text: '    csr.signer === kubeletSigner &&\n',
    instead: '',
    rule: "a request is for the signer of kubelets' client certificates"
  },
  {
    ...csrGuard,
    name: 'csr-of-another-role',
    text: '    csr.groups.includes(group) &&\n',
    instead: '',
    rule: 'a credential is of the group of its role'
  },
  {
    ...csrGuard,
    name: 'csr-with-a-weak-key',
    text: '    isStrong(request.key) &&\n',
    instead: '',
    rule: 'no request is granted for a weak key'
  },
  {
    ...csrGuard,
    name: 'csr-by-another-kind-of-key',
    text: "if (csr.approved || otherKeyFault(csr, algorithm) === undefined) return 'approve'",
    instead: "return 'approve'",
    rule: 'a request by a kind of key that kubelets of this cluster do not make is not approved',
    killedBy: [...csrGuard.killedBy, 'packages/server/test/core/enrolment/csr/kubelet-requests.test.ts']
  },
  {
    ...csrGuard,
    name: 'csr-by-another-kind-of-key-accuses',
    text: "return full ? 'leave' : 'other-key'",
    instead: "return 'foreign-name'",
    rule: 'a strong key of another kind accuses nobody',
    killedBy: [...csrGuard.killedBy, 'test/journeys/certificates/kubelet-keys.test.ts']
  },
  {
    ...csrGuard,
    name: 'csr-that-signs-and-encrypts',
    text: 'isMlDsa(request.key) ? usagesOfMlDsa : usages',
    instead: 'usages',
    rule: 'a key that can only sign asks for no encipherment'
  },
  {
    ...kubeletKeys,
    name: 'csr-by-the-usual-key-alone',
    text: 'kind === algorithm || kind === usual',
    instead: 'kind === usual',
    rule: 'kubelets make the kind of key that kubelet-config asks for'
  },
  {
    ...serving,
    name: 'serving-by-another-kind-of-key',
    text: "kindFault(key, around.algorithm, 'serverCertificateKeyAlgorithm')",
    instead: 'undefined',
    rule: 'no serving certificate for a kind of key that kubelets of this cluster do not make',
    killedBy: [...serving.killedBy, 'packages/server/test/core/enrolment/csr/kubelet-requests.test.ts']
  },
  {
    ...csrGuard,
    name: 'csr-that-a-person-approved',
    text: 'csr.approved || otherKeyFault',
    instead: 'otherKeyFault',
    rule: 'a person may approve a request by another kind of key'
  },
  {
    file: 'packages/server/src/core/enrolment/csr/csr-request.ts',
    name: 'request-signed-by-nobody',
    text: ' && verify(hash, signed, request.key, Buffer.from(signature))',
    instead: '',
    rule: 'who claims a certificate has the key',
    killedBy: ['packages/server/test/core/enrolment/csr/approved-request.test.ts']
  },
  {
    file: 'packages/server/src/core/reconcile/read-kubelet-keys.ts',
    name: 'kubelet-config-is-not-asked',
    text: '? read() : usualKeys',
    instead: '? usualKeys : usualKeys',
    rule: 'kubelet-config is asked before a request is denied for its kind of key',
    killedBy: ['test/journeys/certificates/kubelet-keys.test.ts']
  },
  {
    file: 'packages/agent/src/keys/make-key.ts',
    name: 'key-that-go-cannot-read',
    text: 'seedOnly(privateKey) ?? ',
    instead: '',
    rule: 'an ML-DSA key is written by its seed alone',
    killedBy: ['packages/agent/test/keys/join-key.test.ts']
  },
  {
    file: 'packages/agent/src/steps/look.ts',
    name: 'join-key-of-the-usual-kind',
    text: 'cluster.kubelet?.clientCertificateKeyAlgorithm ?? usualKeyAlgorithm',
    instead: 'usualKeyAlgorithm',
    rule: 'a join key is of the kind that kubelets of the cluster make',
    killedBy: ['test/journeys/worker/agent-certificate.test.ts']
  },
  {
    file: 'packages/agent/src/way-back/steps.ts',
    name: 'recovery-key-of-the-usual-kind',
    text: 'key.load(await recovering.keyAlgorithm())',
    instead: 'key.load()',
    rule: 'the key of a way back is of the kind that the kubelet makes',
    killedBy: ['test/journeys/way-back/agent.test.ts']
  },
  {
    ...kubeletKeys,
    name: 'csr-with-a-short-rsa-key',
    text: '>= 2048',
    instead: '>= 1024',
    rule: 'an RSA key has 2048 bits'
  },
  {
    ...csrGuard,
    name: 'csr-for-more-usages',
    text: ' &&\n    csr.usages.every((usage) => allowed.includes(usage))',
    instead: '',
    rule: 'a request asks for the usages of a client and for no other'
  },
  {
    ...csrGuard,
    name: 'csr-without-client-auth',
    text: "    csr.usages.includes('client auth') &&\n",
    instead: '',
    rule: 'a request asks for a client certificate'
  },
  {
    ...csrGuard,
    name: 'csr-of-another-name',
    text: '  only(request.commonNames, nodeUsername(name)) &&\n',
    instead: '',
    rule: 'a request is for the name that was approved'
  },
  {
    ...csrGuard,
    name: 'csr-of-another-organization',
    text: '  only(request.organizations, nodesGroup) &&\n',
    instead: '',
    rule: 'a request is for the group of nodes'
  },
  {
    ...csrGuard,
    name: 'csr-with-more-in-its-subject',
    text: '  request.otherSubject.length === 0 &&\n',
    instead: '',
    rule: 'a subject has nothing beside CN and O'
  },
  {
    ...csrGuard,
    name: 'csr-with-attributes',
    text: ' &&\n  !request.hasAttributes',
    instead: '',
    rule: 'a client certificate is asked for without extensions'
  },
  {
    ...csrGuard,
    name: 'csr-with-two-names',
    text: 'values.length === 1 && values[0] === wanted',
    instead: 'values[0] === wanted',
    rule: 'there is one name, not one among others'
  },
  {
    ...csrRequest,
    name: 'pem-of-another-form',
    text: 'pemOf(der) === text && isCanonicalDer(der)',
    instead: 'isCanonicalDer(der)',
    rule: 'two parsers never read one text: one canonical PEM block'
  },
  {
    ...csrRequest,
    name: 'der-of-another-form',
    text: 'pemOf(der) === text && isCanonicalDer(der)',
    instead: 'pemOf(der) === text',
    rule: 'two parsers never read one text: one canonical DER',
    killedBy: ['packages/server/test/core/enrolment/csr/csr-request.test.ts']
  },
  {
    ...csrRequest,
    name: 'subject-parts-of-several',
    text: 'version !== 0 || parts.some(({ length }) => length !== 1)',
    instead: 'version !== 0',
    rule: 'each part of a subject has one attribute'
  },
  {
    ...csrRequest,
    name: 'request-of-another-version',
    text: 'version !== 0 || parts.some(({ length }) => length !== 1)',
    instead: 'parts.some(({ length }) => length !== 1)',
    rule: 'a request is of the one version that there is'
  },
  {
    ...csrRequest,
    name: 'alternative-names-passed-over',
    text: 'attributes.length === 1 && same ?',
    instead: 'attributes.length === 1 ?',
    rule: 'what was understood of the names is encoded again and compared'
  },
  {
    ...toApprove,
    name: 'approval-after-the-end',
    text: 'const attempt = openAttempt(enrolment)',
    instead: 'const attempt = enrolment.attempts.at(-1)',
    rule: 'no request is approved for an attempt that is over, though it was committed while it was open',
    killedBy: [...toApprove.killedBy, 'test/journeys/faults/commit-before-act.test.ts']
  },
  {
    ...toApprove,
    name: 'approval-of-what-was-denied',
    text: ' && !csr.approved && !csr.denied)',
    instead: ' && !csr.approved)',
    rule: 'what was denied is not approved'
  },
  {
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    name: 'approval-before-the-commit',
    text: '      judged = decision === undefined ? current.revision : undefined\n',
    instead:
      '      judged = decision === undefined ? current.revision : undefined\n      const early = decision && workFor(decision.enrolment, csrs, undefined, false).toApprove\n      if (early !== undefined) void this.#parts.giving.approveCsr(early).catch(() => undefined)\n',
    rule: 'commit before act: a request is approved only when that is durable',
    killedBy: ['test/journeys/faults/commit-before-act.test.ts']
  },
  {
    ...toDeny,
    name: 'denial-of-who-may-be-approved',
    text: 'return attempt.csr !== undefined && attempt.csr.uid !== csr.uid',
    instead: 'return attempt.csr?.uid !== csr.uid',
    rule: 'only what the server is committed not to approve is denied'
  },
  {
    ...toDeny,
    name: 'no-denial-after-the-end',
    text: 'attempt !== open || attempt.refusedCsrs',
    instead: 'attempt.refusedCsrs',
    rule: 'a request of an attempt that is over is denied: an approval on its way must find it so'
  },
  {
    ...toDeny,
    name: 'denial-of-what-was-judged',
    text: 'csr.approved || csr.denied || !mayBeDenied(csr)',
    instead: '!mayBeDenied(csr)',
    rule: 'what somebody has judged is not judged again'
  },
  {
    ...nodeGuard,
    name: 'csr-of-an-earlier-node',
    text: ' || csr.created < new Date(issued.since)',
    instead: '',
    rule: 'what was asked for before the certificate was issued is not its holder’s'
  },
  {
    ...nodeGuard,
    name: 'csr-of-another-node',
    text: 'csr.username !== nodeUsername(enrolment.name) || csr.denied',
    instead: 'csr.denied',
    rule: 'a node asks for itself'
  },
  {
    ...serving,
    name: 'serving-for-another-node',
    text: 'if (node.uid !== traced?.uid)',
    instead: 'if (false)',
    rule: 'a serving certificate is for the Node that registered'
  },
  {
    ...serving,
    name: 'serving-at-any-address',
    text: 'if (!addressesOf(enrolment).includes(address))',
    instead: 'if (false)',
    rule: 'a serving certificate is for addresses that were approved'
  },
  {
    ...serving,
    name: 'serving-at-an-address-of-others',
    text: 'holder.node !== enrolment.name && holder.enrolment !== enrolment.id',
    instead: 'false',
    rule: 'an address that another machine has too is nobody’s'
  },
  {
    ...serving,
    name: 'serving-at-the-api-server',
    text: 'if (around.apiHosts.includes(address))',
    instead: 'if (false)',
    rule: 'no kubelet serves at the address of the API server'
  },
  {
    ...serving,
    name: 'serving-in-a-group',
    text: 'if (strange.length > 0)',
    instead: 'if (false)',
    rule: 'who asks for a serving certificate is a kubelet and nothing else'
  },
  {
    ...fault,
    name: 'certificate-for-another-subject',
    text: '!only(commonNames, nodeUsername(name)) || ',
    instead: '',
    rule: 'the outcome is looked at: a certificate is for the name that was granted'
  },
  {
    ...fault,
    name: 'certificate-for-more-names',
    text: 'return are === granted\n',
    instead: 'return are.includes(granted)\n',
    rule: 'a certificate is for the names that were granted and no more'
  },
  {
    file: 'packages/server/src/core/enrolment/node/unwanted-node.ts',
    name: 'node-of-another-machine-id',
    text: 'if (node.machineId !== facts.machineId) {',
    instead: 'if (false) {',
    rule: 'a Node is the machine that was approved, by its machine id',
    killedBy: ['test/journeys/nodes/taken-over.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/node/unwanted-node.ts',
    name: 'node-of-another-uuid',
    text: 'if (uuid !== node.machineId && uuid !== facts.productUuid.toLowerCase()) {',
    instead: 'if (false) {',
    rule: 'a Node is the machine that was approved, by its system UUID',
    killedBy: ['packages/server/test/core/enrolment/node/unwanted-node.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/node/unwanted-node.ts',
    name: 'node-of-who-is-frozen',
    text: 'if (mustHaveNoNode(enrolment)) return',
    instead: "if (mustHaveNoNode(enrolment) && state !== 'frozen') return",
    rule: 'an enrolment that is frozen has no Node',
    killedBy: ['packages/server/test/core/enrolment/node/unwanted-node.test.ts']
  },
  {
    file: 'packages/server/src/core/credentials/take-away-node.ts',
    name: 'deleted-before-it-is-banned',
    text: '  await takingAway.ban(node.name, banReason(enrolment.id, why))\n  if (isDeletable(enrolment, node)) await takingAway.deleteNode(node)\n',
    instead:
      '  if (isDeletable(enrolment, node)) await takingAway.deleteNode(node)\n  await takingAway.ban(node.name, banReason(enrolment.id, why))\n',
    rule: 'a name is banned before its Node is deleted: nothing comes back in between',
    killedBy: ['packages/server/test/core/enrolment/node/unwanted-node.test.ts']
  },
  {
    file: 'packages/server/src/core/credentials/take-away-node.ts',
    name: 'ban-of-another-holder',
    text: '  if (claimantOf(othersThan(enrolment, await store.enrolmentsByName(enrolment.name))) !== undefined) return\n',
    instead: '',
    rule: 'a name that another enrolment has claimed since is not banned',
    killedBy: ['packages/server/test/core/enrolment/node/unwanted-node.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/node/held-certificate.ts',
    name: 'another-key-of-one-node',
    text: 'if (foreign !== undefined) {',
    instead: 'if (false) {',
    rule: 'a certificate for a key that is not the agent’s is in somebody else’s hands',
    killedBy: ['packages/server/test/core/enrolment/node/held-certificate.test.ts']
  },
  {
    file: 'packages/server/src/front/connection-guard/decide-admission.ts',
    name: 'one-stranger-more',
    text: 'census.strangersOfAddress >= limits.strangersOfAddress',
    instead: 'census.strangersOfAddress > limits.strangersOfAddress',
    rule: 'an address has so many places and not one more',
    killedBy: ['packages/server/test/front/connection-guard/deciders.test.ts']
  },
  {
    file: 'packages/server/src/front/connection-guard/overdue.ts',
    name: 'silent-for-a-millisecond-more',
    text: 'now - since >= handshakes.silence',
    instead: 'now - since > handshakes.silence',
    rule: 'who says nothing goes at its time, to the millisecond',
    killedBy: ['packages/server/test/front/connection-guard/deciders.test.ts']
  },
  {
    file: 'packages/server/src/core/base/rates/token-bucket.ts',
    name: 'one-call-more',
    text: 'const wait = missing + each - each * burst',
    instead: 'const wait = missing - each * burst',
    rule: 'a bucket gives as many as it has',
    killedBy: ['packages/server/test/core/base/rates/token-bucket.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/unique/judge-unique.ts',
    name: 'copy-by-its-mac-address',
    text: "shared.some(({ value }) => value.kind !== 'host name')",
    instead: "shared.some(({ value }) => value.kind === 'machine id')",
    rule: 'a copy of another machine is told by any part of its identity',
    killedBy: ['packages/server/test/core/enrolment/unique/judge-unique.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/outsider/decide-outsider.ts',
    name: 'return-of-who-was-turned-away',
    text: "if (isTurnedAway(former) && csr.created > new Date(former.since)) return 'returns'\n",
    instead: '',
    rule: 'who was turned away and asks again is told of',
    killedBy: ['packages/server/test/core/enrolment/outsider/judge-request.test.ts']
  }
]
