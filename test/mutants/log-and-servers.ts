import type { Mutants } from './mutant.ts'

/** What is durable, what a log proves, and which of several servers may act. */
export const logAndServers: Mutants = {
  'synchronous-off': {
    file: 'packages/server/src/adapters/sqlite/sqlite-store.ts',
    text: 'PRAGMA synchronous = FULL',
    instead: 'PRAGMA synchronous = OFF',
    rule: 'acknowledged means durable: a commit is on the disk before the answer goes out',
    killedBy: 'test/journeys/faults/durable.process.test.ts'
  },
  'answered-before-the-log-has-it': {
    file: 'packages/server/src/adapters/sqlite/mirror/mirror-writes.ts',
    text: 'if (outcome.documents.length > 0) number = await this.#append(outcome)',
    instead: 'if (outcome.documents.length > 0) void this.#append(outcome).catch(() => {})',
    rule: 'acknowledged means durable: the log has a commit before the answer goes out',
    killedBy: 'packages/server/test/adapters/sqlite/mirror/mirror.test.ts'
  },
  'lost-answer-taken-for-yes': {
    file: 'packages/server/src/features/high-availability/log/head-appender.ts',
    text: "if (answer === 'unknown') unknown = true",
    instead: "if (answer === 'unknown') return",
    rule: 'acknowledged means that the head has it',
    killedBy: 'packages/server/test/features/high-availability/log/appender.test.ts'
  },
  'deposed-that-goes-on': {
    file: 'packages/server/src/features/high-availability/log/head-appender.ts',
    text: "if (answer === 'other') throw new Deposed(movedByOthers)",
    instead: "if (answer === 'other') return",
    rule: 'a deposed server acknowledges nothing',
    killedBy: 'packages/server/test/features/high-availability/log/appender.test.ts'
  },
  'head-without-mac': {
    file: 'packages/server/src/core/ports/log/format.ts',
    text: 'keys.find((one) => isMacOf(one, headFields(spec), spec.mac))',
    instead: 'keys[0]',
    rule: 'a head that no server wrote is refused',
    killedBy: 'packages/server/test/features/high-availability/log/format.test.ts'
  },
  'document-without-mac': {
    file: 'packages/server/src/core/ports/log/format.ts',
    text: 'keys.find((one) => isMacOf(one, documentFields(name, spec), spec.mac))',
    instead: 'keys[0]',
    rule: 'a document that no server wrote is refused',
    killedBy: 'packages/server/test/features/high-availability/log/format.test.ts'
  },
  'base64-read-in-two-ways': {
    file: 'packages/server/src/core/ports/log/packed.ts',
    text: "if (bytes.toString('base64') !== text) return undefined",
    instead: '',
    rule: 'two parsers never read one text',
    killedBy: 'packages/server/test/features/high-availability/log/format.test.ts'
  },
  'digest-not-looked-at': {
    file: 'packages/server/src/features/high-availability/log/taking-over/merge.ts',
    text: 'if (strays === undefined) return { differs: true, names: suspects(newest, known).map(({ says }) => says) }',
    instead: 'if (strays === undefined) return { live, unwritten, strays: [] }',
    rule: 'a document that was deleted or put back is noticed',
    killedBy: 'packages/server/test/features/high-availability/log/deciders.test.ts'
  },
  'digest-without-content': {
    file: 'packages/server/src/core/ports/log/log-keys.ts',
    text: 'const content = format === 1 ? [] :',
    instead: 'const content = format !== 0 ? [] :',
    rule: 'the head binds the content of each document',
    killedBy: 'packages/server/test/features/high-availability/log/format.test.ts'
  },
  'older-batch-wins': {
    file: 'packages/server/src/features/high-availability/log/taking-over/merge.ts',
    text: 'if ((newest.get(name)?.number ?? -1) >= batch.number) continue',
    instead: '',
    rule: 'of document and batch the newer one counts',
    killedBy: 'packages/server/test/features/high-availability/log/deciders.test.ts'
  },
  'no-graves': {
    file: 'packages/server/src/features/high-availability/log/writing/document-writer.ts',
    text: 'if (this.#isDoubtful(wanted.name)) return stored?.isGrave === true || this.#put(wanted, stored)',
    instead: '',
    rule: 'a late create finds the name taken',
    killedBy: 'packages/server/test/features/high-availability/log/document-writer.test.ts'
  },
  'adopted-with-forged-batches': {
    file: 'packages/server/src/features/high-availability/log/adopt.ts',
    text: 'sealHead({ log, number, hash: genesis(log), term, holder, documents, batches: [] }',
    instead: 'sealHead({ log, number, hash: genesis(log), term, holder, documents, batches: found.batches }',
    rule: 'no batch of a head that may be forged is sealed',
    killedBy: 'packages/server/test/features/high-availability/log/adopting-forged.test.ts'
  },
  'half-adopted-log-taken-over': {
    file: 'packages/server/src/features/high-availability/log/adopt.ts',
    text: "const documents = Buffer.from(random.bytes(32)).toString('hex')",
    instead: "const documents = '0'.repeat(64)",
    rule: 'nobody takes over a log whose documents are not all there yet',
    killedBy: 'packages/server/test/features/high-availability/log/adopting-forged.test.ts'
  },
  'take-over-without-memory': {
    file: 'packages/server/src/features/high-availability/log/memory/memory.ts',
    text: 'if (!isRemembered(situation, log)) {',
    instead: 'if (false) {',
    rule: 'a server that does not know the log treats it as an older copy',
    killedBy: 'packages/server/test/features/high-availability/log/memory.test.ts'
  },
  'fork-settled-by-nobody': {
    file: 'packages/server/src/features/high-availability/log/memory/memory.ts',
    text: "if (file.is !== 'fork' || isSettledSince(file.from, terms)) return undefined",
    instead: 'return undefined',
    rule: 'a fork that a server finds at its take-over is settled',
    killedBy: 'packages/server/test/features/high-availability/log/memory.test.ts'
  },
  'adopted-once-for-each-host': {
    file: 'packages/server/src/features/high-availability/log/memory/memory.ts',
    text: '...(!isSettled && { restored })',
    instead: 'restored',
    rule: 'an adoption settles once for a line of the log',
    killedBy: 'packages/server/test/features/high-availability/log/memory.test.ts'
  },
  'mark-for-less': {
    file: 'packages/server/src/features/high-availability/log/taking-over/claim-head.ts',
    text: 'found.mark !== undefined ?',
    instead: 'false ?',
    rule: 'a mark that was not settled is never replaced by one for less',
    killedBy: 'packages/server/test/features/high-availability/log/take-over.test.ts'
  },
  'restored-code-stays-open': {
    file: 'packages/server/src/core/generation/take-back.ts',
    text: 'codes: open.map((code) => ({ ...code, revoked: now.toISOString() })),',
    instead: 'codes: [],',
    rule: 'an open code of a restored store lets nobody in',
    killedBy: 'test/journeys/store/restored.test.ts'
  },
  'generation-with-any-mac': {
    file: 'packages/server/src/core/generation/seal-generation.ts',
    text: "isMacByAny(keys, 'generation', digits, mac) ?",
    instead: 'true ?',
    rule: 'only who has a master key can say a larger generation',
    killedBy: 'packages/server/test/core/generation/generations.test.ts'
  },
  'server-without-mac': {
    file: 'packages/server/src/core/leadership/presence-sights.ts',
    text: 'isProven && serverUrl',
    instead: 'serverUrl',
    rule: 'a Lease that no server with the keys wrote names no server',
    killedBy: 'packages/server/test/core/leadership/servers.test.ts'
  },
  'active-by-the-lease-alone': {
    file: 'packages/server/src/program/run-on-cluster.ts',
    text: '        activeOf(servers),',
    instead: '        keeper.active,',
    rule: 'the address in the Lease of the active server is said to nobody unless a server has proven that it is its own',
    killedBy: 'packages/server/test/program/run-on-cluster.test.ts'
  },
  'endpoint-that-the-cluster-says': {
    file: 'packages/server/src/adapters/kubernetes/kubernetes-cluster.ts',
    text: 'apiEndpoint ?? (await fixedFacts(kubeconfigFile))?.apiEndpoint',
    instead: 'apiEndpoint',
    rule: 'machines get the endpoint that root fixed, whatever the cluster says',
    killedBy: 'packages/server/test/adapters/kubernetes/endpoint.test.ts'
  },
  'lease-at-its-end': {
    file: 'packages/server/src/core/leadership/decide-lease.ts',
    text: '!(sinceRenewal < leaseTimes.giveUpAfter)',
    instead: '!(sinceRenewal <= leaseTimes.giveUpAfter)',
    rule: 'at 8 s, to the millisecond, a Lease is given up',
    killedBy: 'packages/server/test/core/leadership/decide-lease.test.ts'
  },
  'policy-takes-any-term': {
    file: 'packages/kube/src/log/policies.ts',
    text: ' && variables.term <= variables.before + ${leaseTerms.step}',
    instead: '',
    rule: 'a stolen token comes to the last term in small steps only',
    killedBy: 'packages/kube/test/log/log.test.ts'
  },
  'request-beyond-the-lease': {
    file: 'packages/server/src/adapters/kubernetes/leased-requests.ts',
    text: 'timer = setTimeout(over, left)',
    instead: 'timer = setTimeout(over, 60_000)',
    rule: 'a request ends before the Lease does',
    killedBy: 'packages/server/test/adapters/kubernetes/leased-requests.test.ts'
  },
  'leadership-by-the-text-of-a-path': {
    file: 'packages/server/src/front/http/heed-leadership.ts',
    text: "(request.routeOptions.url?.startsWith('/v1/') ?? true)",
    instead: "request.url.startsWith('/v1/')",
    rule: 'a guard asks the route that matched, however the path is written',
    killedBy: 'packages/server/test/front/http/heed-leadership.test.ts'
  },
  'answer-after-the-lease': {
    file: 'packages/server/src/front/http/heed-leadership.ts',
    text: 'leadership.holds() ? payload : refuse(reply)',
    instead: 'payload',
    rule: 'no answer with a credential leaves after the Lease was lost',
    killedBy: 'packages/server/test/front/http/heed-leadership.test.ts'
  }
}
