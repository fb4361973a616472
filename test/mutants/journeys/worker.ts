import type { Mutant } from '../mutant.ts'

const agent = 'packages/agent/src'
const journeys = 'test/journeys/worker'

/** The way of one machine, from its code to its Node. */
export const workerJourneys: readonly Mutant[] = [
  {
    name: 'join-key-of-a-rejected-machine',
    file: `${agent}/steps/end.ts`,
    text: 'say(reason)\n    await joining.removeSecrets()\n    await joinKey.remove()\n',
    instead: 'say(reason)\n    await joining.removeSecrets()\n',
    rule: 'an agent whose enrolment is rejected keeps no join key',
    killedBy: [`${journeys}/agent-certificate.test.ts`]
  },
  {
    name: 'copy-of-a-code-at-each-boot',
    file: `${agent}/steps/end.ts`,
    text: '    if (situation.code === undefined) await wipeCopies(context)\n',
    instead: '',
    rule: 'a copy of a used code that cloud-init writes again is wiped again, on a Node too',
    killedBy: [`${journeys}/agent-code-copies.test.ts`]
  },
  {
    name: 'credential-called-a-file',
    file: `${agent}/code/code-source.ts`,
    text: '(await files.exists(codeFile)) ? codeFile : `the credential ${codeCredential}`',
    instead: 'codeFile',
    rule: 'the error about a broken credential names it',
    killedBy: [`${journeys}/agent-credential.test.ts`]
  },
  {
    name: 'mistyped-code-is-sent',
    file: `${agent}/steps/enrolment.ts`,
    text: "    if (typeof canonical !== 'string') {\n",
    instead: '    if (false) {\n',
    rule: 'an agent with a mistyped code sends nothing',
    killedBy: [`${journeys}/agent-mistakes.test.ts`]
  },
  {
    name: 'reset-without-a-look-at-the-node',
    file: `${agent}/steps/recover.ts`,
    text: 'return [join, attempt && join.certificate && (await looking.nodeReadiness(attempt.nodeName))]',
    instead: 'return [join, undefined]',
    rule: 'a node that is Ready, or may be, is never reset',
    killedBy: [`${journeys}/agent-reset-refused.test.ts`]
  },
  {
    name: 'situation-shown-to-nobody',
    file: `${agent}/loop/loop.ts`,
    text: '      show({ situation })\n',
    instead: '',
    rule: 'the status on the machine shows what the agent sees',
    killedBy: [`${journeys}/agent-status.test.ts`]
  },
  {
    name: 'survey-that-preflight-does-not-see',
    file: `${agent}/steps/enrolment.ts`,
    text: '    delete memory.observation\n    delete memory.mendedAt\n',
    instead: '    delete memory.mendedAt\n',
    rule: 'an agent that has enrolled looks again, with the answers of the server',
    killedBy: [`${journeys}/agent-survey.test.ts`]
  },
  {
    name: 'swap-of-a-cluster-that-was-not-asked',
    file: `${agent}/machine/preflight/system/swap.ts`,
    text: "return surveyed ? 'not-told' : 'not-asked'",
    instead: "return surveyed ? 'not-told' : 'refuse'",
    rule: 'before the machine knows its cluster it turns no swap off',
    killedBy: [`${journeys}/agent-swap.test.ts`]
  },
  {
    name: 'facts-for-an-ended-enrolment',
    file: 'packages/server/src/core/services/agent/reading.ts',
    text: '    requireOnItsWay(enrolment)\n',
    instead: '',
    rule: 'an enrolment that has ended gets no more facts of the cluster',
    killedBy: [`${journeys}/cluster-facts.test.ts`]
  },
  {
    name: 'token-after-the-node',
    file: 'packages/server/src/core/reconcile/work.ts',
    text: 'isToSettle: toDelete || isToBan(enrolment)',
    instead: 'isToSettle: isToBan(enrolment)',
    rule: 'there is no token after the Node',
    killedBy: [`${journeys}/happy-way.test.ts`]
  },
  {
    name: 'stage-in-the-words-of-the-server',
    file: 'packages/server/src/core/enrolment/decision/describe.ts',
    text: '`joining, as the machine reports it: ${stage}`',
    instead: '`joining: ${stage}`',
    rule: 'a text of a machine is shown as its claim',
    killedBy: [`${journeys}/machine-claims.test.ts`]
  }
]
