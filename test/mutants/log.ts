import type { Mutant } from './mutant.ts'

const tests = (name: string): string[] => [`packages/server/test/features/high-availability/log/${name}.test.ts`]
const appender = {
  file: 'packages/server/src/features/high-availability/log/head-appender.ts',
  killedBy: tests('appender')
}
const writer = {
  file: 'packages/server/src/features/high-availability/log/writing/document-writer.ts',
  killedBy: tests('document-writer')
}
const format = { file: 'packages/server/src/core/ports/log/format.ts', killedBy: tests('format') }
const packed = { file: 'packages/server/src/core/ports/log/packed.ts', killedBy: tests('format') }
const claim = {
  file: 'packages/server/src/features/high-availability/log/taking-over/claim-head.ts',
  killedBy: tests('take-over')
}
const memory = {
  file: 'packages/server/src/features/high-availability/log/memory/memory.ts',
  killedBy: tests('take-over')
}
const list = {
  file: 'packages/server/src/features/high-availability/log/taking-over/list-documents.ts',
  killedBy: tests('take-over')
}
const refuser = {
  file: 'packages/server/src/adapters/kubernetes/log/outcome.ts',
  killedBy: ['packages/server/test/adapters/kubernetes/log/refuser.test.ts']
}
const outcome = {
  file: 'packages/server/src/adapters/kubernetes/log/outcome.ts',
  killedBy: ['packages/server/test/adapters/kubernetes/log/objects.test.ts']
}
const merge = {
  file: 'packages/server/src/features/high-availability/log/taking-over/merge.ts',
  killedBy: tests('deciders')
}
const deciders = tests('deciders')
const takeOver = {
  file: 'packages/server/src/features/high-availability/log/take-over.ts',
  killedBy: tests('take-over')
}
const adopt = { file: 'packages/server/src/features/high-availability/log/adopt.ts', killedBy: tests('adopt') }
const forged = { ...adopt, killedBy: tests('adopting-forged') }
/** The head by which a host that adopts deposes every server. */
const sealedOver = 'sealHead({ log, number, hash: genesis(log), term, holder, documents, batches: [] }'

/** What is acknowledged is in etcd, and only one server writes it. */
export const logMutants: readonly Mutant[] = [
  {
    ...appender,
    name: 'log-long-head-gathers',
    killedBy: tests('document-writer'),
    text: 'writer.hurry(next.bytes - budget.gatherBelow)',
    instead: '',
    rule: 'while the head is long no document waits for its next content'
  },
  {
    ...appender,
    name: 'log-full-head-waits-for-what-gathers',
    killedBy: tests('document-writer'),
    text: '      writer.hurry()\n      const { why, retryAfter }',
    instead: '      const { why, retryAfter }',
    rule: 'a commit that finds no room in the head has the documents written'
  },
  {
    ...writer,
    name: 'log-document-gathers-for-ever',
    text: 'until: Math.min(now + budget.gather, atMost)',
    instead: 'until: now + budget.gather',
    rule: 'a document that changes all the time is written all the same'
  },
  {
    ...refuser,
    name: 'webhook-named-by-a-stranger',
    text: '^admission webhook "',
    instead: 'admission webhook "',
    rule: 'who refused is what the API server says, and no words that it passes on'
  },
  {
    ...refuser,
    name: 'own-policy-taken-for-a-stranger',
    text: 'return isOwn(policy) ? undefined : {',
    instead: 'return {',
    rule: "a refusal by Joinery's own policies is somebody else's by no means"
  },
  {
    ...outcome,
    name: 'webhook-taken-for-absence',
    text: 'answer.name !== undefined && refuserIn(error) === undefined',
    instead: 'answer.name !== undefined',
    rule: 'a webhook that refuses with 404 takes no object away'
  },
  {
    ...outcome,
    name: 'webhook-taken-for-conflict',
    text: 'statusOf(error) === 409 && refuserIn(error) === undefined',
    instead: 'statusOf(error) === 409',
    rule: 'a webhook that refuses with 409 is no other writer'
  },
  {
    name: 'alert-that-nobody-hears',
    file: 'packages/server/src/program/open-cluster-store.ts',
    killedBy: ['packages/server/test/program/two-servers.test.ts'],
    text: 'commits.append({ entries: [{ subject: storeSubject, entry: told }] })',
    instead: 'Promise.resolve()',
    rule: 'whoever edits a document of the log is told of'
  },
  {
    name: 'new-log-where-one-was-seen',
    file: 'packages/server/src/features/high-availability/log/taking-over/claim-head.ts',
    killedBy: ['packages/server/test/features/high-availability/log/head-sight.test.ts'],
    text: 'if (last !== undefined)\n    throw',
    instead: 'if (false)\n    throw',
    rule: 'a log that is gone is not begun anew by a host that saw it'
  },
  {
    name: 'newer-head-in-silence',
    file: 'packages/server/src/features/high-availability/log/head-sight.ts',
    killedBy: ['packages/server/test/features/high-availability/log/head-sight.test.ts'],
    text: "if (error instanceof LogRefusal && error.code === 'log-newer') return this.#say(error.message)\n",
    instead: '',
    rule: 'a server that stands by says that it cannot read the log'
  },
  {
    ...appender,
    name: 'refused-after-a-lost-answer',
    text: "answer !== 'unknown' && mayRefuse && !unknown",
    instead: "answer !== 'unknown' && mayRefuse",
    rule: 'a commit that may be durable is not refused'
  },
  {
    ...appender,
    name: 'full-etcd-taken-for-no',
    text: 'unknown || !(answer instanceof NotDone)',
    instead: "unknown || answer === 'other'",
    rule: 'what made etcd full is in etcd'
  },
  {
    ...appender,
    name: 'lost-answer-taken-for-yes',
    text: "if (answer === 'unknown') unknown = true",
    instead: "if (answer === 'unknown') return",
    rule: 'acknowledged means that the head has it'
  },
  {
    ...appender,
    name: 'deposed-that-goes-on',
    text: "if (answer === 'other') throw new Deposed(movedByOthers)",
    instead: "if (answer === 'other') return",
    rule: 'a deposed server acknowledges nothing'
  },
  {
    ...appender,
    name: 'foreign-head-taken-for-own',
    text: "throw new Deposed(found === undefined ? 'the head of the log is gone' : movedByOthers)",
    instead: "return 'ours'",
    rule: 'a batch that is not in the head is not acknowledged'
  },
  {
    ...appender,
    name: 'own-batch-not-recognised',
    text: "if (found?.hash === next.hash) return 'ours'",
    instead: '',
    rule: 'a commit whose answer was lost is found in the head'
  },
  {
    ...appender,
    name: 'sent-without-a-lease',
    text: "if (!this.#parts.mayGoOn()) throw new Deposed('the lease of this server is over')",
    instead: '',
    rule: 'without a lease nothing is sent'
  },
  {
    ...appender,
    killedBy: tests('attacks'),
    name: 'doubt-that-is-forgotten',
    text: 'return this.#doubted || ',
    instead: 'return ',
    rule: 'a server that doubts the head looks at it'
  },
  {
    ...appender,
    killedBy: tests('attacks'),
    name: 'doubt-settled-by-an-earlier-batch',
    text: '    await this.#move(next, mayBeRefused !== undefined)\n',
    instead: '    await this.#move(next, mayBeRefused !== undefined)\n    this.#doubted = false\n',
    rule: 'a batch that was sent before a doubt does not settle it'
  },
  {
    ...appender,
    name: 'two-batches-at-a-time',
    text: '    if (this.#running) return\n    this.#running = true\n',
    instead: '    this.#running = true\n',
    rule: 'one batch is under way'
  },
  {
    ...appender,
    name: 'head-without-bound',
    text: 'over === undefined && next.bytes <= headAtMost',
    instead: 'over === undefined',
    rule: 'the head has a bound'
  },
  {
    ...appender,
    name: 'part-that-is-refused',
    text: 'await this.#put(part, index === 0 ? { change } : undefined)',
    instead: 'await this.#put(part, { change })',
    rule: 'what follows a durable part is not refused'
  },
  {
    ...appender,
    name: 'batch-cut-without-need',
    text: 'if (documents.length < 2 || length <= batchAtMost / 2) return [documents]',
    instead: 'if (documents.length < 2) return [documents]',
    rule: 'what fits into one batch is there as a whole, or not at all'
  },
  {
    ...appender,
    name: 'budget-of-nobody',
    text: 'const { why, retryAfter } = over ?? noRoom(writer.trouble?.why)\n',
    instead: 'if (over !== undefined) return next\n      const { why, retryAfter } = noRoom(undefined)\n',
    rule: 'bytes to etcd have a budget'
  },
  {
    file: 'packages/server/src/features/high-availability/log/budget.ts',
    killedBy: deciders,
    name: 'no-way-to-make-room',
    text: 'change > 0 && total + change > budget.total',
    instead: 'total + change > budget.total',
    rule: 'what makes room is written, also over the budget'
  },
  {
    file: 'packages/server/src/features/high-availability/log/open-batches.ts',
    killedBy: deciders,
    name: 'batch-that-leaves-before-an-older-one',
    text: 'return open.slice(first).map(',
    instead: 'return open.filter(({ left }) => left.size > 0).map(',
    rule: 'batches leave the head in order'
  },
  {
    file: 'packages/server/src/features/high-availability/log/open-batches.ts',
    killedBy: deciders,
    name: 'older-content-beside-the-newer-one',
    text: '({ ...without(one, names), before: one.documents })',
    instead: '({ ...one, before: one.documents })',
    rule: 'each name stands in the head once, so that nothing there brings back what was deleted'
  },
  {
    file: 'packages/server/src/features/high-availability/log/open-batches.ts',
    killedBy: deciders,
    name: 'older-content-counts-as-written',
    text: 'if (batch.number <= number) left.delete(name)',
    instead: 'left.delete(name)',
    rule: 'a batch is open until its content, or a newer one, is written'
  },
  {
    ...writer,
    name: 'higher-number-written-over',
    text: 'this.#depose(`another server wrote ${name} of batch ${opened.number}`)',
    instead: '',
    rule: 'who finds a higher number is deposed'
  },
  {
    ...writer,
    name: 'foreign-document-written-over',
    text: "if (!(await this.#parts.headIsOurs())) return this.#depose('another server moved the head of the log')",
    instead: '',
    rule: 'a document of another log is written over only while the head is ours'
  },
  {
    ...writer,
    name: 'no-graves',
    text: 'if (this.#isDoubtful(wanted.name)) return stored?.isGrave === true || this.#put(wanted, stored)',
    instead: '',
    rule: 'a late create finds the name taken'
  },
  {
    ...writer,
    name: 'lost-create-without-doubt',
    text: "if (answer === 'unknown' && stored === undefined) this.doubt(wanted.name)",
    instead: '',
    rule: 'a create whose answer was lost may come after the delete'
  },
  {
    ...writer,
    name: 'grave-that-forgets-its-content',
    text: '    else this.#graves.delete(name)\n',
    instead: '',
    rule: 'a grave that has content again stays'
  },
  {
    ...writer,
    name: 'put-back-in-silence',
    text: 'if (isOlder) {',
    instead: 'if (false) {',
    rule: 'a document that somebody put back is told'
  },
  {
    ...writer,
    name: 'mixed-into-a-restored-etcd',
    text: 'if (isOlder && !(await this.#parts.headIsOurs())) return',
    instead: 'if (false) return',
    killedBy: ['packages/server/test/features/high-availability/log/attacks.test.ts'],
    rule: 'a server writes nothing into an etcd that was restored under it'
  },
  {
    name: 'restore-that-a-standby-does-not-notice',
    file: 'packages/server/src/features/high-availability/log/memory/memory.ts',
    killedBy: ['packages/server/test/features/high-availability/log/head-sight.test.ts'],
    text: "sight.is === 'ahead' || (saw > head.number && !isFork)",
    instead: 'false',
    rule: 'a host that saw a later end of the log does not take an earlier one over'
  },
  {
    ...writer,
    name: 'alerts-without-end',
    text: "if ('wait' in taken) return\n",
    instead: '',
    rule: 'alerts of edited documents have a budget'
  },
  {
    ...format,
    name: 'head-without-mac',
    text: 'keys.find((one) => isMacOf(one, headFields(spec), spec.mac))',
    instead: 'keys[0]',
    rule: 'a head that no server wrote is refused'
  },
  {
    ...format,
    name: 'document-without-mac',
    text: 'keys.find((one) => isMacOf(one, documentFields(name, spec), spec.mac))',
    instead: 'keys[0]',
    rule: 'a document that no server wrote is refused'
  },
  {
    ...format,
    name: 'document-under-another-name',
    text: "  'joinery log document',\n  format,\n  log,\n  name,\n",
    instead: "  'joinery log document',\n  format,\n  log,\n",
    rule: 'a document does not stand for another one'
  },
  {
    ...format,
    name: 'head-with-a-gap',
    text: '  requireNoGap(spec)\n',
    instead: '',
    rule: 'a gap in the batches is refused'
  },
  {
    ...packed,
    name: 'bomb-unpacked',
    text: 'gunzipSync(bytes, { maxOutputLength: atMost })',
    instead: 'gunzipSync(bytes)',
    rule: 'what is unpacked has a bound'
  },
  {
    ...packed,
    name: 'base64-read-in-two-ways',
    text: "if (bytes.toString('base64') !== text) return undefined",
    instead: '',
    rule: 'two parsers never read one text'
  },
  {
    ...memory,
    name: 'another-log-taken',
    text: 'if (known !== undefined && known.log !== head.log) {',
    instead: 'if (false) {',
    rule: 'a server does not go on with a log that its file does not know'
  },
  {
    ...memory,
    name: 'restored-log-taken',
    text: "if (file.is === 'ahead') {",
    instead: 'if (false) {',
    rule: 'a log that went back is refused'
  },
  {
    ...claim,
    name: 'new-head-over-documents',
    text: 'if (await hasDocuments(parts)) {',
    instead: 'if (false) {',
    rule: 'no new log is made over documents that lost their head'
  },
  {
    ...claim,
    name: 'new-log-for-an-old-file',
    text: 'if (known !== undefined) throw other(',
    instead: 'if (false) throw other(',
    rule: 'no new log is made for a file that knows one'
  },
  {
    ...claim,
    name: 'ends-with-the-same-numbers',
    text: 'Math.max(0, next.least - head.number) + skip',
    instead: 'Math.max(0, next.least - head.number)',
    rule: 'after a restore the two ends of a log have no number in common'
  },
  {
    ...claim,
    name: 'head-full-of-take-overs',
    text: 'batches: [...withoutClaimsAtEnd(head.batches), batch]',
    instead: 'batches: [...head.batches, batch]',
    rule: 'servers that die one after the other do not fill the head'
  },
  {
    ...list,
    name: 'edited-document-read',
    text: "if (opened.is === 'damaged') broken.push(name)\n    else",
    instead: "if (opened.is === 'damaged') continue\n    else",
    rule: 'a take-over refuses a document that no server wrote'
  },
  {
    ...list,
    name: 'document-from-the-future-read',
    text: 'if (opened.number > number) ahead.push(name)',
    instead: '',
    rule: 'a take-over refuses a document that is newer than the head',
    killedBy: tests('take-over')
  },
  {
    ...merge,
    name: 'digest-not-looked-at',
    text: 'if (strays === undefined) return { differs: true, names: suspects(newest, known).map(({ says }) => says) }',
    instead: 'if (strays === undefined) return { live, unwritten, strays: [] }',
    rule: 'a document that was deleted or put back is noticed'
  },
  {
    ...merge,
    name: 'older-batch-wins',
    text: 'if ((newest.get(name)?.number ?? -1) >= batch.number) continue',
    instead: '',
    rule: 'of document and batch the newer one counts'
  },
  {
    ...merge,
    name: 'late-document-that-lives',
    text: 'live: live.filter((document) => !stray.has(document)), unwritten, strays',
    instead: 'live, unwritten, strays',
    rule: 'what was deleted does not come back by a late request'
  },
  {
    ...takeOver,
    name: 'twin-taken-for-damage',
    text: 'if (now?.hash !== head.hash) throw new Error(overtaken, { cause: error })',
    instead: '',
    rule: 'what a server after this one wrote is no damage'
  },
  {
    file: 'packages/server/src/features/high-availability/log/adopt.ts',
    killedBy: tests('adopt'),
    name: 'adopted-under-a-running-server',
    text: '  const before = await deposeAll(parts)\n',
    instead: '  const before = await parts.objects.head()\n',
    rule: 'who adopts deposes every server first'
  },
  {
    ...forged,
    name: 'adopted-with-forged-batches',
    text: sealedOver,
    instead: sealedOver.replace('batches: []', 'batches: found.batches'),
    rule: 'no batch of a head that may be forged is sealed'
  },
  {
    ...forged,
    name: 'adopted-under-a-forged-id',
    text: sealedOver,
    instead: sealedOver.replace('log, number', 'log: found.log, number'),
    rule: 'who adopts begins another log'
  },
  {
    ...forged,
    name: 'half-adopted-log-taken-over',
    text: "const documents = Buffer.from(random.bytes(32)).toString('hex')",
    instead: "const documents = '0'.repeat(64)",
    rule: 'nobody takes over a log whose documents are not all there yet'
  },
  {
    ...forged,
    name: 'nothing-is-adopted',
    text: 'if (differed && countOf(there) === 0) {',
    instead: 'if (false) {',
    rule: 'a log without a document is no log to go on with'
  },
  {
    ...adopt,
    name: 'counted-on-from-the-last-number',
    text: 'if (![found.number, found.term].every(mayBeCountedOn)) throw countedOut(found)',
    instead: '',
    rule: 'a head from which nobody can count on is refused, with the way on'
  },
  {
    ...claim,
    killedBy: tests('adopt'),
    name: 'taken-over-beyond-the-last-number',
    text: 'if (Math.max(opened.head.number, least) > takenOverAtMost) throw countedOut(opened.head)',
    instead: '',
    rule: 'a take-over that has no number left says so'
  },
  {
    ...adopt,
    name: 'adopted-below-what-was-seen',
    text: 'least: Math.max(known?.number ?? 0, ...(seen?.logs ?? []).map(({ number }) => number))',
    instead: 'least: known?.number ?? 0',
    rule: 'who adopts goes on beyond what this host saw while it stood by'
  },
  {
    ...adopt,
    name: 'deleted-since-taken-for-missing',
    text: '.filter((one) => !(isAhead && one.isMissing))',
    instead: '',
    rule: 'what the log itself deleted is not named as missing'
  },
  {
    file: 'packages/server/src/program/moving/adopt.ts',
    killedBy: ['packages/server/test/program/moving/moving.test.ts'],
    name: 'older-documents-in-silence',
    text: 'if (older.length > 0) print',
    instead: 'if (older.length < 0) print',
    rule: 'who adopts what the cluster has is told what is older there'
  },
  {
    file: 'packages/server/src/core/ports/log/log-keys.ts',
    killedBy: [...deciders, ...tests('format')],
    name: 'digest-without-content',
    text: 'const content = format === 1 ? [] :',
    instead: 'const content = format !== 0 ? [] :',
    rule: 'the head binds the content of each document'
  },
  {
    ...takeOver,
    name: 'old-digest-read-as-a-new-one',
    text: 'partOf: partsOf(keys, head.format)',
    instead: 'partOf: partsOf(keys)',
    rule: 'a log of the format before is proven by its own digest'
  },
  {
    ...claim,
    name: 'old-digest-in-a-new-head',
    text: '      format: head.format,\n',
    instead: '',
    rule: 'the digest of a head is of its format'
  },
  {
    ...merge,
    name: 'open-batch-taken-for-late',
    text: 'settled: (name) => !fromBatch.has(name)',
    instead: 'settled: () => true',
    rule: 'a document of an open batch is never taken for one that came late'
  },
  {
    ...writer,
    name: 'grave-reaped-over-content',
    text: 'clock.monotonic() < until || this.#wanted.has(name) ||',
    instead: 'clock.monotonic() < until ||',
    rule: 'no grave is reaped over newer content'
  },
  {
    ...writer,
    name: 'race-with-whoever-rewrites',
    text: 'if (tries > 2) await this.#parts.clock.sleep(pauseAfter(tries - 2, this.#parts.budget))',
    instead: '',
    rule: 'whoever rewrites a document again and again is not raced'
  },
  {
    ...writer,
    name: 'end-without-waiting',
    text: 'if (this.#busy.size > 0) await this.#idle.promise',
    instead: '',
    rule: 'a server ends when no request is under way'
  },
  {
    file: 'packages/server/src/features/high-availability/log/writing/doubts.ts',
    killedBy: tests('document-writer'),
    name: 'doubts-without-end',
    text: '      this.#untils.delete(name)\n    }\n',
    instead: '    }\n',
    rule: 'doubts are forgotten'
  },
  {
    ...writer,
    name: 'deleted-in-silence',
    text: 'this.#tell(`somebody deleted ${name} of the log`)',
    instead: '',
    rule: 'a document that somebody deleted is told of'
  },
  {
    ...writer,
    name: 'own-deletion-told',
    text: 'before?.version === stored.version ? { ...before, ...stored } : stored',
    instead: 'stored',
    rule: "a deletion of the server's own that comes late is told of by nobody"
  },
  {
    ...writer,
    name: 'missing-in-a-restored-etcd-taken-for-deleted',
    text: 'if (!(await this.#parts.headIsOurs())) return this.#deposedByHead()\n      this.#tell',
    instead: 'this.#tell',
    rule: 'a document that a restored etcd does not have was deleted by nobody'
  }
]
