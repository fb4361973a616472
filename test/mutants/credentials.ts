import type { Mutant } from './mutant.ts'

const credentialsFile = 'packages/server/src/core/credentials/credentials.ts'
const tokenFile = 'packages/server/src/core/credentials/token.ts'
const certificateFile = 'packages/server/src/core/credentials/certificate.ts'
const approvedRequest = {
  file: 'packages/server/src/core/enrolment/csr/decide-issued.ts',
  killedBy: ['packages/server/test/core/enrolment/csr/approved-request.test.ts']
}
const decideBan = {
  file: 'packages/server/src/core/credentials/decide-ban.ts',
  killedBy: ['packages/server/test/core/credentials/decide-ban.test.ts']
}
const bansItsName = {
  file: 'packages/server/src/core/enrolment/node/certificate-ban.ts',
  killedBy: ['packages/server/test/core/credentials/decide-ban.test.ts']
}
const bans = {
  file: 'packages/server/src/core/credentials/bans.ts',
  killedBy: ['packages/server/test/core/credentials/bans.test.ts']
}
const derive = {
  file: 'packages/server/src/core/credentials/derive.ts',
  killedBy: ['packages/server/test/core/credentials/credentials.test.ts']
}
const bounds = {
  file: 'packages/server/src/core/credentials/bounds.ts',
  killedBy: ['packages/server/test/core/credentials/bounds.test.ts']
}
const guard = {
  file: 'packages/server/src/core/credentials/cluster-guard.ts',
  killedBy: ['packages/server/test/core/credentials/cluster-guard.test.ts']
}

/** No credential without approval, none after the end; what is given out is durable; what is removed is banned. */
export const credentials: readonly Mutant[] = [
  {
    file: credentialsFile,
    name: 'token-deleted-out-of-turn',
    text: 'await this.#turns.do(enrolment.id, () => this.#remove(attempt, sweep))',
    instead: 'await this.#remove(attempt, sweep)',
    rule: 'in turn: a token that is being made is deleted when it is there',
    killedBy: ['test/journeys/faults/commit-before-act.test.ts']
  },
  {
    file: credentialsFile,
    name: 'token-after-the-end',
    text: 'const attempt = enrolment && openAttempt(enrolment)\n',
    instead: 'const attempt = enrolment?.attempts.at(-1)\n',
    rule: 'no credential after the end: a token is made for an open attempt alone',
    killedBy: ['packages/server/test/core/credentials/credentials.test.ts']
  },
  {
    file: certificateFile,
    name: 'certificate-given-before-it-is-noted',
    text: '        decideIssued(current, attempt.number, csr, certificate, now)\n    )\n',
    instead:
      '        decideIssued(current, attempt.number, csr, certificate, now)\n    ).catch(() => inTurn(async ({ enrolment }) => enrolment))\n',
    rule: 'durable before given out: a certificate is given only when it is noted',
    killedBy: ['test/journeys/faults/commit-before-act.test.ts']
  },
  {
    file: credentialsFile,
    name: 'banned-on-paper-first',
    text: '      await bans.ban(enrolment.name)\n      await enrolments.change(enrolment.id, decideCertificateBan)\n',
    instead:
      '      await enrolments.change(enrolment.id, decideCertificateBan)\n      await bans.ban(enrolment.name)\n',
    rule: 'a ban is written down when it is made: what is cut in between is done again',
    killedBy: ['packages/server/test/core/credentials/credentials.test.ts']
  },
  {
    file: certificateFile,
    name: 'own-csr-unlooked-at',
    text: '      requireOwnCsr(csr, enrolment)\n',
    instead: '',
    rule: "a CSR of the server's name that somebody else made is not approved",
    killedBy: ['test/journeys/certificates/certificate-claim.test.ts']
  },
  {
    file: certificateFile,
    name: 'stray-certificate-given-out',
    text: '    if (isStray(after, csr.uid)) throw noOpenAttempt()\n',
    instead: '',
    rule: 'a certificate that is not what was granted is not given out',
    killedBy: ['test/journeys/certificates/stray-certificates.test.ts']
  },
  {
    file: tokenFile,
    name: 'token-that-outlives-its-attempt',
    text: 'expires: expiryOf(attempt),',
    instead: 'expires: new Date(expiryOf(attempt).getTime() + 60_000),',
    rule: 'a token lives no longer than its attempt',
    killedBy: ['packages/server/test/core/credentials/credentials.test.ts']
  },
  {
    file: credentialsFile,
    name: 'token-deleted-for-good-too-soon',
    text: 'expiryOf(attempt).getTime() + callTimeout',
    instead: 'expiryOf(attempt).getTime()',
    rule: 'what was asked for to be made can come until its deadline and the time-out of a call',
    killedBy: ['packages/server/test/core/credentials/credentials.test.ts']
  },
  {
    file: credentialsFile,
    name: 'sweep-that-deletes-nothing-again',
    text: 'if (last || sweep || !this.#deleted.has(what))',
    instead: 'if (last || !this.#deleted.has(what))',
    rule: 'tokens of attempts that are over are deleted again at each sweep',
    killedBy: ['test/journeys/faults/late-calls.test.ts']
  },
  {
    ...approvedRequest,
    name: 'request-without-proof',
    text: 'if (!isSignedByItsKey(pem))',
    instead: 'if (parseCsrRequest(pem) === undefined)',
    rule: 'a request is signed by the key that it is for'
  },
  {
    ...approvedRequest,
    name: 'request-by-another-key',
    text: ' || fingerprint(key) !== joinKey',
    instead: '',
    rule: 'a certificate is for the join key that was approved'
  },
  {
    ...approvedRequest,
    name: 'request-for-another-name',
    text: '  if (!isKubeletRequest(request, name)) {',
    instead: '  if (false) {',
    rule: 'a certificate is for the name that was approved'
  },
  {
    ...approvedRequest,
    name: 'own-csr-made-by-others',
    text: 'username !== serverUsername || signer',
    instead: 'signer',
    rule: "the server's own CSR was made by the server"
  },
  {
    file: 'packages/server/src/core/enrolment/csr/decide-issued.ts',
    name: 'certificate-of-an-attempt-before',
    text: 'if (open?.number !== number)',
    instead: 'if (open === undefined)',
    rule: 'a certificate is given to the attempt that asked for it',
    killedBy: ['packages/server/test/core/credentials/credentials.test.ts']
  },
  {
    ...derive,
    name: 'one-secret-for-all-attempts',
    text: '${enrolment}\\0${attempt}`',
    instead: '${enrolment}`',
    rule: 'each attempt has a secret of its own'
  },
  {
    ...derive,
    name: 'one-secret-for-all-machines',
    text: '${enrolment}\\0${attempt}`',
    instead: '${attempt}`',
    rule: 'each enrolment has a secret of its own'
  },
  {
    ...derive,
    name: 'secret-that-anybody-can-make',
    text: "createHmac('sha256', masterKey)",
    instead: "createHmac('sha256', 'joinery')",
    rule: 'a secret follows from the master key'
  },
  {
    ...decideBan,
    name: 'ban-of-others-lifted',
    text: 'banned === undefined || claimant === undefined',
    instead: 'claimant === undefined',
    rule: 'what the server did not ban stays banned'
  },
  {
    ...decideBan,
    name: 'ban-of-an-unknown-enrolment-lifted',
    text: '  if (!named.some(({ id }) => id === banned.enrolment)) return false\n',
    instead: '',
    rule: 'a ban for an enrolment that the store does not know stays: the store may be an older one'
  },
  {
    ...decideBan,
    name: 'ban-of-its-own-node-lifted',
    text: 'return hasOpenAttempt(claimant) || banned.room || banned.enrolment !== claimant.id',
    instead: 'return true',
    rule: 'who has joined and whose Node had to go stays banned'
  },
  {
    ...bansItsName,
    name: 'removed-and-not-banned',
    text: 'issued !== undefined || isRemoved(enrolment)',
    instead: 'issued !== undefined',
    rule: 'removed is removed: its name is banned, whatever it had'
  },
  {
    ...bansItsName,
    name: 'untrusted-and-not-banned',
    text: '  if (untrusted !== undefined) return true\n',
    instead: '',
    rule: 'a name that somebody else can be is banned'
  },
  {
    ...bans,
    name: 'unban-for-an-attempt-that-ended',
    text: '      await this.#unban(name, turn)\n      await this.#requireOpen(id)\n',
    instead: '      await this.#unban(name, turn)\n',
    rule: 'who lifts a ban looks at the store after it'
  },
  {
    ...bans,
    name: 'unban-before-a-look',
    text: '      await this.#requireOpen(id)\n      await this.#unban(name, turn)\n',
    instead: '      await this.#unban(name, turn)\n',
    rule: 'who lifts a ban looks at the store before it'
  },
  {
    ...bans,
    name: 'unban-without-a-second-ban',
    text: '    await turn.unban()\n    await this.#ban(name, turn)\n',
    instead: '    await turn.unban()\n',
    rule: 'a name that the store says to be banned is banned again at once'
  },
  {
    ...bans,
    name: 'ban-list-not-followed',
    text: 'await sideBySide(missing, atOnce, (name) => this.ban(name))',
    instead: '',
    rule: 'the ban list follows from the store at each sweep: what is missing comes',
    killedBy: [...bans.killedBy, 'test/journeys/nodes/ban-order.test.ts']
  },
  {
    ...bans,
    name: 'late-ban-stays',
    text: 'if (isLifted(reason, await store.enrolmentsByName(name))) await this.#unban(name, turn)',
    instead: '',
    rule: 'the ban list follows from the store at each sweep: what a claim lifted goes',
    killedBy: [...bans.killedBy, 'test/journeys/nodes/ban-order.test.ts']
  },
  {
    ...bounds,
    name: 'unknown-bounds-taken-for-proven',
    text: 'this.#gaps.get(policy)?.length !== 0',
    instead: '(this.#gaps.get(policy)?.length ?? 0) !== 0',
    rule: 'a policy that nobody has proven is asked for before anything rests on it'
  },
  {
    ...bounds,
    name: 'bounds-that-refuse-nothing',
    text: 'if (problem !== undefined) throw problem',
    instead: '',
    rule: 'what is missing stops what rests on it'
  },
  {
    ...bounds,
    name: 'bounds-hidden-by-a-failure',
    text: '.catch((error) => void failures.push(error))',
    instead: '',
    rule: 'a policy that cannot be asked for does not hide what another one lacks'
  },
  {
    ...guard,
    name: 'approval-without-its-policy',
    text: "['joinery-csr-approvals'], (cluster) => cluster.approveCsr(csr)",
    instead: '[], (cluster) => cluster.approveCsr(csr)',
    rule: 'no request is approved while its policy is missing',
    killedBy: [...guard.killedBy, 'test/journeys/nodes/bounds.test.ts']
  },
  {
    ...guard,
    name: 'unban-without-its-policy',
    text: "['joinery-ban-list'], (cluster) => cluster.unban(name)",
    instead: '[], (cluster) => cluster.unban(name)',
    rule: 'no ban is lifted while its policy is missing'
  },
  {
    ...guard,
    name: 'deletion-without-its-policy',
    text: "    await this.#parts.bounds.require('joinery-node-deletions')\n",
    instead: '',
    rule: 'no Node is deleted while its policy is missing'
  },
  {
    ...guard,
    name: 'labels-by-another-policy',
    text: "['joinery-nodes'], (cluster) => cluster.setLabelsAndTaints(node, wanted)",
    instead: "['joinery-csrs'], (cluster) => cluster.setLabelsAndTaints(node, wanted)",
    rule: 'each call waits for the policy that holds it, and for no other'
  },
  {
    ...guard,
    name: 'bans-out-of-turn',
    text: 'return this.#turns.do(name, () =>\n',
    instead: 'return new InTurn().do(name, () =>\n',
    rule: 'what changes the ban of one name is done one after the other'
  },
  {
    ...guard,
    name: 'ban-beside-the-turns',
    text: 'return this.#banTurns.do(name, (turn) => turn.ban(reason))',
    instead: 'return this.#parts.cluster.ban(name, reason)',
    rule: 'a ban that a service makes takes its turn, too'
  },
  {
    ...guard,
    name: 'unban-beside-the-turns',
    text: 'return this.#banTurns.do(name, (turn) => turn.unban())',
    instead: "return give(this.#parts, ['joinery-ban-list'], (cluster) => cluster.unban(name))",
    rule: 'an unban that a service makes takes its turn, too'
  },
  {
    file: 'packages/server/src/core/register-core.ts',
    name: 'giving-without-the-guard',
    text: 'c.resolve(Guarded).giving',
    instead: 'c.resolve(Unguarded) as never',
    rule: 'a service that gives has what the guard made',
    killedBy: ['test/journeys/nodes/bounds.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/facts/cluster.ts',
    name: 'token-in-an-unsafe-cluster',
    text: '  if (binding === undefined) return\n',
    instead: '  return\n',
    rule: 'never mint what the cluster would approve by itself',
    killedBy: ['test/journeys/certificates/csr-guard.test.ts']
  },
  {
    file: 'packages/server/src/adapters/kubernetes/nodes/name-holder.ts',
    name: 'pods-of-a-cache-of-any-age',
    text: ' || monotonic() - whole.at >= cacheFor',
    instead: '',
    rule: 'a name is free by a look that is ten seconds old at most',
    killedBy: ['packages/server/test/adapters/kubernetes/nodes/name-holder.test.ts']
  },
  {
    file: 'packages/server/src/core/base/cached.ts',
    name: 'answer-from-before-the-call',
    text: '      next = undefined\n',
    instead: '',
    rule: 'whether a name is banned is asked after the claim',
    killedBy: ['packages/server/test/core/base/cached.test.ts']
  },
  {
    file: 'packages/server/src/adapters/kubernetes/csrs.ts',
    name: 'verdict-by-an-old-list',
    text: '    listed.delete(asked)\n',
    instead: '',
    rule: 'a verdict that the API server refuses rests on another look',
    killedBy: ['packages/server/test/adapters/kubernetes/conflicts.test.ts']
  },
  {
    file: 'packages/server/src/core/services/agent/reading.ts',
    name: 'look-before-the-poll',
    text: '    const poll = parts.waiting.poll(caller.key, seconds * 1000, gone)\n    try {\n      const newer = await readNewer(parts, caller, after)\n',
    instead:
      '    const newer = await readNewer(parts, caller, after)\n    const poll = parts.waiting.poll(caller.key, seconds * 1000, gone)\n    try {\n',
    rule: 'what changes between the look and the wait is not missed',
    killedBy: ['test/journeys/faults/woken.test.ts']
  },
  {
    file: 'packages/server/src/core/services/agent/sighting.ts',
    name: 'seal-key-unsigned',
    text: '  if (sealKey === undefined) return\n',
    instead: '  return\n',
    rule: 'who is approved is who can open what is sealed',
    killedBy: ['test/journeys/control-plane/control-planes.test.ts']
  }
]
