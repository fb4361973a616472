import type { Mutant } from './mutant.ts'

const decide = {
  file: 'packages/server/src/core/leadership/decide-lease.ts',
  killedBy: ['packages/server/test/core/leadership/decide-lease.test.ts']
}
const keeper = {
  file: 'packages/server/src/core/leadership/lease-keeper.ts',
  killedBy: ['packages/server/test/core/leadership/lease-keeper.test.ts']
}
const heed = {
  file: 'packages/server/src/front/http/heed-leadership.ts',
  killedBy: ['packages/server/test/front/http/heed-leadership.test.ts']
}
const requests = {
  file: 'packages/server/src/adapters/kubernetes/leased-requests.ts',
  killedBy: ['packages/server/test/adapters/kubernetes/leased-requests.test.ts']
}

const guard = {
  file: 'packages/server/src/core/credentials/cluster-guard.ts',
  killedBy: ['packages/server/test/core/credentials/cluster-guard.test.ts']
}
const policies = {
  file: 'packages/kube/src/log/policies.ts',
  killedBy: ['packages/kube/test/log/log.test.ts']
}

/** One of several servers is active, and gives only while it surely is. */
export const leadership: readonly Mutant[] = [
  {
    ...decide,
    name: 'word-of-a-blind-standby',
    text: ' || now - looked >= seemsGone',
    instead: '',
    rule: 'a server that could not look at the Lease lately does not say when it is over'
  },
  {
    ...decide,
    name: 'word-while-the-lease-is-renewed',
    text: 'now - since < seemsGone ||',
    instead: '',
    rule: 'while the Lease is renewed agents are told to come soon, since it may be handed over'
  },
  {
    ...keeper,
    name: 'read-taken-for-a-renewal',
    text: "else if (kind === 'read') this.#troubles.delete('read')",
    instead: "else if (kind === 'read') this.#troubles.clear()",
    rule: 'a Lease that cannot be written is trouble, although it can be read'
  },
  {
    ...keeper,
    name: 'lateness-untold',
    text: 'if (late > notable)',
    instead: 'if (late > leaseTimes.lasts)',
    rule: 'a server that lost its Lease says how late it came itself'
  },
  {
    ...decide,
    name: 'lease-that-was-deleted',
    text: 'isReleased(seen) ? 0',
    instead: 'isReleased(seen) || seen === undefined ? 0',
    rule: 'a Lease that is gone must be gone for as long as it would last'
  },
  {
    ...decide,
    name: 'lease-that-was-emptied',
    text: ' && seen.spec.seconds === releasedSeconds',
    instead: '',
    rule: 'only its holder releases a Lease, and nobody who empties it by hand'
  },
  {
    ...decide,
    name: 'lease-at-its-end',
    text: '!(sinceRenewal < leaseTimes.giveUpAfter)',
    instead: '!(sinceRenewal <= leaseTimes.giveUpAfter)',
    rule: 'at 8 s, to the millisecond, a Lease is given up'
  },
  {
    ...decide,
    name: 'lease-of-another-term',
    text: 'if (term !== held) return',
    instead: 'if (term < held) return',
    rule: 'whose term was changed does not lead'
  },
  {
    ...decide,
    name: 'lease-with-a-lower-term',
    text: 'Math.max(seen, highest) + 1',
    instead: 'seen + 1',
    rule: 'the term only grows'
  },
  {
    ...decide,
    name: 'term-in-a-step-that-is-refused',
    text: 'seen + leaseTerms.step, ',
    instead: '',
    rule: 'a server that remembers a higher term asks for no step that the policy refuses'
  },
  {
    ...decide,
    name: 'lease-made-with-the-last-term',
    text: 'highest < leaseTerms.first ? highest + 1 : 1',
    instead: 'highest + 1',
    rule: 'a Lease that was made anew begins again'
  },
  {
    ...decide,
    name: 'term-beyond-the-last',
    text: 'if (seen >= leaseTerms.last) return undefined',
    instead: '',
    rule: 'a term that cannot grow is trouble, and no server writes it'
  },
  {
    ...keeper,
    name: 'no-term-left-in-silence',
    text: "if (act.trouble !== undefined) this.#heard('write', act.trouble)",
    instead: '',
    rule: 'a server says what keeps every server from the Lease'
  },
  {
    ...keeper,
    name: 'answer-awaited-beyond-the-end',
    text: 'this.#held === undefined || this.#isOver ? patience : Math.min(patience, this.left())',
    instead: 'patience',
    rule: 'the active server waits for no answer beyond the moment at which it gives up'
  },
  {
    ...policies,
    name: 'policy-takes-any-term',
    text: ' && variables.term <= variables.before + ${leaseTerms.step}',
    instead: '',
    rule: 'a stolen token comes to the last term in small steps only'
  },
  {
    ...policies,
    name: 'lease-that-nobody-can-make-anew',
    text: ' || variables.isNoted || variables.mayGo',
    instead: '',
    rule: 'an administrator can have the Lease made anew'
  },
  {
    ...policies,
    name: 'server-that-deletes-the-lease',
    text: 'variables.isActive && variables.deletes && !variables.isServer\n',
    instead: 'variables.isActive && variables.deletes\n',
    rule: 'no server begins the terms again'
  },
  {
    file: 'packages/kube/src/log/definitions.ts',
    killedBy: ['packages/kube/test/log/log.test.ts'],
    name: 'head-goes-back-under-another-id',
    text: "rule: 'self.number >= oldSelf.number",
    instead: "rule: 'self.log != oldSelf.log || self.number >= oldSelf.number",
    rule: 'two changes of the id bring no older head back'
  },
  {
    ...decide,
    name: 'lease-with-the-own-id',
    text: ' && spec.acquired === tried.acquired',
    instead: '',
    rule: 'an id that somebody wrote by hand is no Lease'
  },
  {
    ...decide,
    name: 'renewal-that-changes-nothing',
    text: 'at === spec.renewed ?',
    instead: 'at < spec.renewed ?',
    rule: 'a renewal is a change'
  },
  {
    file: 'packages/server/src/core/leadership/clocks.ts',
    killedBy: [
      'packages/server/test/core/leadership/lease-keeper.test.ts',
      'packages/server/test/core/leadership/clocks.test.ts'
    ],
    name: 'suspended-host',
    text: ', to.uptime - from.uptime)',
    instead: ')',
    rule: 'a host that was suspended does not lead'
  },
  {
    ...keeper,
    name: 'renewal-from-its-answer-on',
    text: 'this.#held = { term: lease.term, renewed }',
    instead: 'this.#held = { term: lease.term, renewed: this.#parts.clocks() }',
    rule: 'a renewal counts from before it was sent'
  },
  {
    ...keeper,
    name: 'leadership-that-comes-back',
    text: 'if (!(elapsed(from, this.#parts.clocks()) < leaseTimes.giveUpAfter)) return false',
    instead: '',
    rule: 'an answer that comes late revives nothing'
  },
  {
    ...keeper,
    name: 'leads-while-it-releases',
    text: 'if (this.#isOver || this.#held === undefined) return 0',
    instead: 'if (this.#held === undefined) return 0',
    rule: 'a Lease that is released, or lost, is not held'
  },
  {
    ...keeper,
    name: 'own-late-renewal-doubted',
    text: " && seen.spec.renewed <= (known?.spec.renewed ?? '')",
    instead: '',
    rule: 'what the server itself wrote late is not the work of somebody else'
  },
  {
    ...keeper,
    name: 'lease-seen-anew',
    text: 'if (!isSame) {\n      this.#renewal',
    instead: '{\n      this.#renewal',
    rule: 'a Lease counts from when it was first seen so'
  },
  {
    ...guard,
    name: 'token-without-the-lease',
    text: 'return give(this.#parts, [], (cluster) => cluster.createToken(token))',
    instead: 'return this.#parts.cluster.createToken(token)',
    rule: 'only the active server makes tokens'
  },
  {
    ...guard,
    name: 'giving-without-the-lease',
    text: '  leadership().require()\n',
    instead: '',
    rule: 'only the active server gives'
  },
  {
    ...guard,
    name: 'lease-before-the-policy',
    text: '  await bounds.require(...restsOn)\n  leadership().require()\n',
    instead: '  leadership().require()\n  await bounds.require(...restsOn)\n',
    rule: 'a server that is deposed while the cluster is asked about a policy gives nothing'
  },
  {
    file: 'packages/server/src/core/leadership/presence-sights.ts',
    killedBy: ['packages/server/test/core/leadership/servers.test.ts'],
    name: 'server-under-the-name-of-another',
    text: ' && seen.name === presenceName(seen.address)',
    instead: '',
    rule: 'a Lease names only the server whose name it has'
  },
  {
    ...heed,
    name: 'leadership-by-the-text-of-a-path',
    text: "(request.routeOptions.url?.startsWith('/v1/') ?? true)",
    instead: "request.url.startsWith('/v1/')",
    rule: 'a guard asks the route that matched, however the path is written'
  },
  {
    ...heed,
    name: 'answer-after-the-lease',
    text: 'leadership.holds() ? payload : refuse(reply)',
    instead: 'payload',
    rule: 'no answer with a credential leaves after the Lease was lost'
  },
  {
    ...heed,
    name: 'call-without-the-lease',
    text: 'isOfApi(request) && !leadership.holds()',
    instead: 'false',
    rule: 'a server that is not active does nothing for a call'
  },
  {
    ...requests,
    name: 'request-without-the-lease',
    text: '    leadership.require()\n',
    instead: '',
    rule: 'a call of several requests stops between two of them'
  },
  {
    ...requests,
    name: 'request-beyond-the-lease',
    text: 'timer = setTimeout(over, left)',
    instead: 'timer = setTimeout(over, 60_000)',
    rule: 'a request ends before the Lease does'
  },
  {
    file: 'packages/server/src/program/run-on-cluster.ts',
    killedBy: ['packages/server/test/program/run-on-cluster.test.ts'],
    name: 'released-too-early',
    text: '    await opened?.close()\n    // last: from now on another server may take over at once\n    await keeper.release()\n',
    instead: '    await keeper.release()\n    await opened?.close()\n',
    rule: 'the Lease is released when nothing is under way any more'
  },
  {
    file: 'packages/server/src/program/run-on-cluster.ts',
    killedBy: ['packages/server/test/program/run-on-cluster.test.ts'],
    name: 'rewritten-lease-ignored',
    text: 'rewritten: () => opened?.doubt()',
    instead: 'rewritten: () => {}',
    rule: 'if somebody else wrote the Lease, the log is looked at'
  },
  {
    file: 'packages/server/src/program/run-on-cluster.ts',
    killedBy: ['packages/server/test/program/run-on-cluster.test.ts'],
    name: 'lost-without-its-cause',
    text: 'endDeposed(keeper.reasonToGiveUp ?? reason)',
    instead: 'endDeposed(reason)',
    rule: 'a server that could not renew the Lease in time says why, whoever sees it first'
  },
  {
    name: 'closing-in-foreign-words',
    file: 'packages/server/src/front/http/operators-app.ts',
    killedBy: ['packages/server/test/program/listen.test.ts'],
    text: '    return503OnClosing: false,\n',
    instead: '',
    rule: 'a request that comes while a server ends has an answer of the server'
  },
  {
    name: 'closing-waits-for-the-silent',
    file: 'packages/server/src/program/listeners.ts',
    killedBy: ['packages/server/test/program/listen.test.ts'],
    text: 'app.server.closeAllConnections()',
    instead: '{}',
    rule: 'nobody keeps a server from ending by a connection on which nothing is asked'
  }
]
