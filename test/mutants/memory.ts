import type { Mutant } from './mutant.ts'

const decided = ['packages/server/test/features/high-availability/log/memory.test.ts']
const journey = ['test/journeys/store/put-back.test.ts']
const memoryFile = { file: 'packages/server/src/features/high-availability/log/memory/memory.ts', killedBy: decided }
const terms = { file: 'packages/server/src/core/ports/log/terms.ts', killedBy: decided }
const sight = {
  file: 'packages/server/src/features/high-availability/log/head-sight.ts',
  killedBy: ['packages/server/test/features/high-availability/log/head-sight.test.ts']
}
const witnesses = ['packages/server/test/core/generation/witnesses.test.ts']
const forks = ['packages/server/test/core/generation/settle-fork.test.ts']
const adopting = {
  file: 'packages/server/src/features/high-availability/log/adopt.ts',
  killedBy: ['packages/server/test/features/high-availability/log/adopt.test.ts']
}
const judged = { file: 'packages/server/src/core/generation/judge-witness.ts', killedBy: witnesses }
const claim = {
  file: 'packages/server/src/features/high-availability/log/taking-over/claim-head.ts',
  killedBy: journey
}
const before = {
  file: 'packages/server/src/program/run-on-cluster.ts',
  killedBy: ['packages/server/test/program/run-on-cluster.test.ts']
}
const again = { file: 'packages/server/src/core/generation/decide-again.ts', killedBy: journey }

/** An etcd that was put back lets nobody in. */
export const memory: readonly Mutant[] = [
  {
    ...memoryFile,
    name: 'take-over-without-memory',
    killedBy: journey,
    text: 'if (!isRemembered(situation, log)) {',
    instead: 'if (false) {',
    rule: 'a server that does not know the log treats it as an older copy'
  },
  {
    ...memoryFile,
    name: 'stale-memory-counts',
    text: 'return seen?.isFresh === true &&',
    instead: 'return true &&',
    rule: 'a stale memory is none'
  },
  {
    ...memoryFile,
    name: 'memory-that-stays-fresh',
    killedBy: sight.killedBy,
    text: 'const freshFor = 60_000',
    instead: 'const freshFor = 70_000',
    rule: 'memory is of the minute in which the Lease was renewed last'
  },
  {
    ...memoryFile,
    name: 'file-taken-for-memory',
    text: 'return known !== undefined\n',
    instead: 'return true\n',
    rule: 'a host that only looked at a log of before an upgrade does not know it'
  },
  {
    ...memoryFile,
    name: 'own-term-of-another-branch',
    text: 'own !== undefined && isHere(own) && ',
    instead: 'own !== undefined && ',
    killedBy: decided,
    rule: 'a term on a branch that the log has left is no memory'
  },
  {
    ...memoryFile,
    name: 'fork-settled-by-nobody',
    text: "if (file.is !== 'fork' || isSettledSince(file.from, terms)) return undefined",
    instead: 'return undefined',
    rule: 'a fork that a server finds at its take-over is settled'
  },
  {
    ...memoryFile,
    name: 'adopted-once-for-each-host',
    text: '...(!isSettled && { restored })',
    instead: 'restored',
    rule: 'an adoption settles once for a line of the log'
  },
  {
    ...terms,
    name: 'fork-not-seen',
    text: 'return wentOn || place.number > before.number || isOther ?',
    instead: 'return isOther ?',
    rule: 'a place beyond the one on which the next term began is on another branch'
  },
  {
    ...terms,
    name: 'skipped-number-on-the-line',
    text: 'next !== undefined && number > next.before.number',
    instead: 'false',
    rule: 'a number that a take-over skipped is on another branch'
  },
  {
    ...terms,
    name: 'fork-settled-in-part',
    text: 'upTo >= from.number',
    instead: 'true',
    killedBy: [...decided, ...forks],
    rule: 'a fork is settled only by a mark that is as late, and that took as much back'
  },
  {
    ...terms,
    name: 'fork-by-a-clock-that-was-behind',
    text: 'term < from.term && Date.parse(at) > latest',
    instead: 'latest < 0 && term === Date.parse(at)',
    killedBy: [...decided, ...forks],
    rule: 'a fork whose time cannot be right takes everything back'
  },
  {
    ...terms,
    name: 'fork-without-a-place',
    text: "{ is: 'fork', from: next }",
    instead: "{ is: 'fork', from: undefined }",
    rule: 'a fork has a place in the history, so that it is settled once'
  },
  {
    file: 'packages/server/src/core/generation/settle-fork.ts',
    killedBy: forks,
    name: 'fork-settled-at-each-term',
    text: '(firstBeyond(lost.number, terms) ?? terms.at(-1))',
    instead: 'terms.at(-1)',
    rule: 'what is said again at a later term is settled once'
  },
  {
    ...memoryFile,
    name: 'file-put-aside-twice',
    text: "known !== undefined && file.is === 'fork'",
    instead: "file.is === 'fork'",
    rule: 'a host that was killed after its file was put aside puts no empty one in its place'
  },
  {
    ...memoryFile,
    name: 'adopted-over-a-second-restore',
    text: "lines.every((line) => line.is === 'here' ||",
    instead: "lines.every((line) => line.is !== 'fork' ||",
    rule: 'a host that knows more than the log has settles again'
  },
  {
    file: 'packages/server/src/program/moving/adopt.ts',
    killedBy: ['packages/server/test/program/moving/moving.test.ts'],
    name: 'older-file-taken-for-the-end',
    text: 'known?.log === head.log && digestText(',
    instead: 'true || digestText(',
    rule: 'a file that is not what the head binds is an older copy'
  },
  {
    ...adopting,
    name: 'half-a-log-under-the-first-head',
    text: 'const log = random.id()\n  const before = await deposeAll(parts)\n',
    instead: 'const before = await deposeAll(parts)\n  const log = before?.log ?? random.id()\n',
    rule: 'what a killed command has written is adopted by nobody'
  },
  {
    ...adopting,
    name: 'half-a-log-without-a-head',
    text: 'if (number === firstNumber) throw',
    instead: 'if (false) throw',
    rule: 'documents of a new log that was never whole get no head'
  },
  {
    ...claim,
    name: 'mark-for-less',
    killedBy: ['packages/server/test/features/high-availability/log/take-over.test.ts'],
    text: 'found.mark !== undefined ?',
    instead: 'false ?',
    rule: 'a mark that was not settled is never replaced by one for less'
  },
  {
    file: 'packages/server/src/core/leadership/decide-servers.ts',
    killedBy: ['packages/server/test/core/leadership/servers.test.ts'],
    name: 'leases-of-nobody-stay',
    text: 'forgotten: sights',
    instead: 'forgotten: fits',
    rule: 'a Lease of a server that somebody made goes after an hour'
  },
  {
    ...claim,
    name: 'claim-without-a-mark',
    text: '...(marked === undefined ? [] : [{ name: markName, text: marked.text }])',
    instead: '...[]',
    rule: 'the mark is in the batch that takes over'
  },
  {
    file: 'packages/server/src/program/serve.ts',
    killedBy: journey,
    name: 'served-before-it-is-settled',
    text: '  await settleRestored({\n',
    instead: '  void settleRestored({\n',
    rule: 'a server settles an older copy before it listens'
  },
  {
    ...sight,
    name: 'lease-alone-is-memory',
    text: 'renewal?.holder === holder ?',
    instead: 'renewal !== undefined ?',
    rule: 'a server that only has the Lease is no proof of the head'
  },
  {
    ...sight,
    name: 'own-lease-taken-for-another',
    text: 'found.acquired === took',
    instead: 'false',
    rule: 'what this host wrote into the Lease says nothing of its memory'
  },
  {
    file: 'packages/server/src/core/generation/take-back.ts',
    killedBy: journey,
    name: 'late-fork-takes-all-back',
    text: 'fork === undefined ? Number.POSITIVE_INFINITY :',
    instead: 'true ? Number.POSITIVE_INFINITY :',
    rule: 'a fork that is found late takes nothing back that was given since'
  },
  {
    ...again,
    name: 'rejection-that-etcd-forgot',
    text: "next(present.state, 'reject') !== undefined",
    instead: 'false',
    rule: 'what only the older file has as rejected is rejected again'
  },
  {
    ...again,
    name: 'approval-of-since-taken-back',
    text: '(approvalIn(timeline)?.at ?? 0) > at.getTime()',
    instead: 'false',
    rule: 'what an operator approved since counts more than an older file'
  },
  {
    file: 'packages/server/src/core/services/agent/reading.ts',
    killedBy: ['test/journeys/door/polls.test.ts'],
    name: 'later-revision-waits-in-vain',
    text: 'enrolment.revision === after ?',
    instead: 'enrolment.revision <= after ?',
    rule: 'a machine that knows a later revision than the server hears at once'
  },
  {
    file: 'packages/server/src/core/ports/log/lost-branch.ts',
    killedBy: decided,
    name: 'fork-told-by-anybody',
    text: 'isMacOf(one, fieldsOf(address, told.lost), told.mac)',
    instead: 'one !== undefined',
    rule: 'only a server with the master key is believed that the log has a fork'
  },
  {
    ...sight,
    name: 'older-log-in-silence',
    text: "if (line.is === 'ahead') return { log, number, from: end + 1 }",
    instead: "if (line.is === 'ahead') return undefined",
    rule: 'a host that stands by says that the log ends before what it has'
  },
  {
    ...sight,
    name: 'older-log-said-late',
    text: 'if (!isDeepStrictEqual(before, this.#lost)) changed()',
    instead: 'void changed',
    rule: 'what only one host knows is said at once'
  },
  {
    ...before,
    name: 'served-before-the-others-are-heard',
    text: '    await servers.hear((...said) => settle(settling, ...said), over.signal)\n',
    instead: '',
    rule: 'who takes over hears what the others have of the log before it gives anything'
  },
  {
    ...before,
    file: 'packages/server/src/core/leadership/servers.ts',
    name: 'others-asked-once',
    text: 'const triesToHear = 5',
    instead: 'const triesToHear = 1',
    rule: 'one answer that does not come is no reason to serve without having heard the others'
  },
  {
    ...before,
    file: 'packages/server/src/core/generation/settle-fork.ts',
    name: 'said-before-the-fork-began',
    text: 'number >= first',
    instead: 'number === first',
    rule: 'what a host said before anybody went on with the log is settled too'
  },
  {
    file: 'packages/server/src/core/generation/settling-entries.ts',
    killedBy: ['packages/server/test/core/generation/settling-entries.test.ts'],
    name: 'settled-often-in-silence',
    text: 'if (before >= settlingsADay) {',
    instead: 'if (false) {',
    rule: 'more than two settlings in a day are an alert of their own'
  },
  {
    file: 'packages/server/src/core/generation/seal-witness.ts',
    killedBy: witnesses,
    name: 'witness-without-mac',
    text: "isMacByAny(keys, 'witness', bound(witness, key), mac) ?",
    instead: 'true ?',
    rule: 'only what this server told a machine is a witness'
  },
  {
    file: 'packages/server/src/core/generation/seal-witness.ts',
    killedBy: witnesses,
    name: 'witness-of-another-machine',
    text: '`${key}.${textOf(witness)}`',
    instead: 'textOf(witness)',
    rule: 'a machine shows what it was told itself'
  },
  {
    ...judged,
    name: 'witness-of-a-lower-revision',
    text: 'revision > present.revision',
    instead: 'revision !== present.revision',
    rule: 'a machine that replays what it was told before costs nothing'
  },
  {
    ...judged,
    name: 'witness-of-what-was-forgotten',
    text: 'now.getTime() - at * 1000 < day',
    instead: 'true',
    rule: 'an enrolment that was forgotten in good order does not alert'
  },
  {
    ...judged,
    name: 'witness-after-a-settling',
    text: 'setBack !== undefined && at',
    instead: 'false && setBack !== undefined && at',
    rule: 'a machine that was told before a settling does not alert after it'
  },
  {
    file: 'packages/server/src/core/commit/daily-alert.ts',
    killedBy: witnesses,
    name: 'witness-alerts-at-each-request',
    text: 'if (told.has(subject)) return',
    instead: '',
    rule: 'a machine that replays a witness costs one write a day'
  },
  {
    file: 'packages/server/src/front/http/routes/agents.ts',
    killedBy: ['test/journeys/store/witness.test.ts'],
    name: 'witness-unheard',
    text: 'void witnesses.hear(text, key)',
    instead: 'void 0',
    rule: 'a machine that knows more than the store is heard'
  }
]
