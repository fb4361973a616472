import type { Mutant } from './mutant.ts'

const room = 'packages/cli/src/kubernetes'
const journeys = 'test/journeys/kubernetes-door-command'
const decide = { file: `${room}/decide.ts`, killedBy: [`${journeys}/decide.test.ts`] }
const codes = { file: `${room}/codes.ts`, killedBy: [`${journeys}/codes.test.ts`] }
const trust = { file: `${room}/pin/trust.ts`, killedBy: [`${journeys}/doors-differ.test.ts`] }

const template = {
  file: 'packages/cli/src/template/path.ts',
  killedBy: ['packages/cli/test/template/template.test.ts']
}
const pager = { file: 'packages/cli/src/terminal/pager.ts', killedBy: ['packages/cli/test/terminal/pager.test.ts'] }

/** What the operators' command asks over the cluster, and what it believes. */
export const command: readonly Mutant[] = [
  {
    ...decide,
    name: 'lost-decision-not-looked-for',
    text: '    if (made !== undefined) return\n',
    instead: '',
    rule: 'a Decision whose answer was lost is found'
  },
  {
    ...decide,
    name: 'decision-of-somebody-else-believed',
    text: '!isDeepStrictEqual(object.spec, spec)',
    instead: 'false',
    rule: 'an answer about another Decision is not believed'
  },
  {
    ...decide,
    name: 'open-decision-not-told',
    text: '    ignore?.()\n',
    instead: '',
    rule: 'nothing is said of a Decision that is settled'
  },
  {
    ...codes,
    name: 'code-left-open',
    text: '  const left = await takeBack(api, hash)\n',
    instead: '  const left = new CommandEnd(exitCodes.failure, `${api.server} ${hash}`)\n',
    rule: 'a code that nobody has is deleted'
  },
  {
    ...codes,
    name: 'code-changed-by-the-cluster',
    text: 'fields.filter((field) => !isDeepStrictEqual(kept[field], asked[field]))',
    instead: "fields.filter((field) => field === 'readyWhen' && !isDeepStrictEqual(kept[field], asked[field]))",
    rule: 'nobody gets a code of which the cluster changed anything'
  },
  {
    ...codes,
    name: 'code-with-more-than-was-asked',
    text: '[...new Set([...keysOf(asked), ...keysOf(kept)])]',
    instead: '[...new Set(keysOf(asked))]',
    rule: 'nobody gets a code to which the cluster added something'
  },
  {
    ...codes,
    file: 'packages/cli/src/commands/code/code-create.ts',
    name: 'template-made-unseen',
    text: 'if (options.template !== undefined) await agreeOn(request, options, session.terminal)',
    instead: '',
    rule: 'what a template says is shown before there is a code'
  },
  {
    ...codes,
    file: 'packages/cli/src/commands/code/code-create.ts',
    name: 'template-made-unasked',
    text: 'if (yes || ask === undefined) return',
    instead: 'return',
    rule: 'a person is asked about a code by a template'
  },
  {
    file: 'packages/cli/src/output/enrolment/policy.ts',
    name: 'recover-not-shown',
    text: "...(recover === undefined ? [] : [['Recover:', recover]])",
    instead: '',
    rule: 'an approver sees that a machine comes back without them',
    killedBy: [`${journeys}/what-a-code-decides.test.ts`]
  },
  {
    file: 'packages/server/src/kubernetes-door/view-of.ts',
    name: 'view-without-ignored-checks',
    text: 'policy: policy && { ...policy, ignore: policy.ignore.slice(0, checksAtMost).map(checkName) }, recover',
    instead: 'recover',
    rule: 'an approver over the cluster sees which checks do not count',
    killedBy: [`${journeys}/what-a-code-decides.test.ts`]
  },
  {
    ...codes,
    name: 'code-used-is-handed-over',
    text: "if (state === 'open') return seen",
    instead: "if (state !== 'refused') return seen",
    rule: 'only a code that is open is handed over'
  },
  {
    ...trust,
    name: 'changed-pin-in-user-data',
    text: "if (found.verdict === 'changed') throw new CommandEnd(exitCodes.conflict, changed(found), wayOut(found))",
    instead: '',
    rule: 'another pin than before does not go into user-data'
  },
  {
    ...trust,
    name: 'changed-pin-kept',
    text: "const isNew = verdict === 'first' || verdict === 'accepted' || verdict === 'followed'",
    instead: 'const isNew = true',
    rule: 'another pin than before is kept only if it was accepted'
  },
  {
    file: `${room}/objects.ts`,
    name: 'object-of-any-form',
    text: 'return Value.Check(schema, told) ? (told as Static<T>) : undefined',
    instead: 'return told as Static<T>',
    rule: 'an object that does not fit is not believed',
    killedBy: [`${journeys}/doors-differ.test.ts`]
  },
  {
    file: 'packages/cli/src/session/which-door.ts',
    name: 'socket-for-anybody',
    text: 'isRoot && [defaultSocket, serverConfiguration].some(exists)',
    instead: 'exists(defaultSocket)',
    rule: 'who is not root goes to the cluster, even on the host',
    killedBy: ['packages/cli/test/session/which-door.test.ts']
  },
  {
    file: 'packages/cli/src/grant/grant-here.ts',
    name: 'grant-over-the-cluster',
    text: "door === 'socket' && ",
    instead: '',
    rule: 'keys are granted over the socket alone',
    killedBy: [`${journeys}/doors-differ.test.ts`]
  },
  {
    ...template,
    name: 'template-with-regular-expressions',
    text: 'environment.functionRegister.clear()\n',
    instead: '',
    rule: 'no template has a regular expression, which needs no end'
  },
  {
    ...template,
    name: 'filter-of-many-values',
    text: 'expression instanceof FilterQuery && !expression.path.singularQuery()',
    instead: 'false',
    rule: 'a filter asks for one value of each item'
  },
  {
    ...template,
    file: 'packages/cli/src/template/budget.ts',
    name: 'template-without-end',
    text: "if (left < 0) throw end('looks at')",
    instead: '',
    rule: 'a template that looks at too much ends'
  },
  {
    ...template,
    file: 'packages/cli/src/template/template.ts',
    name: 'template-prints-what-a-machine-said',
    text: "if (typeof value === 'string') return escapeText(value)",
    instead: "if (typeof value === 'string') return `${value}${escapeText('')}`",
    rule: 'the words of a machine cannot steer the terminal by a template'
  },
  {
    ...pager,
    name: 'pager-value-for-a-shell',
    text: 'if (/[^\\w\\s./:=+,@%-]/.test(value))',
    instead: 'if (value === name)',
    rule: 'a pager is a program and its options, and nothing for a shell'
  },
  {
    ...pager,
    name: 'pager-starts-programs',
    text: "LESSSECURE: '1'",
    instead: '',
    rule: 'less starts no program with the rights of this command'
  },
  {
    file: 'packages/cli/src/session/screen-options.ts',
    killedBy: ['packages/cli/test/commands/quiet.test.ts'],
    name: 'quiet-hides-evidence',
    text: '      for (const text of held.splice(0)) err(text)\n',
    instead: '',
    rule: '-q hides nothing that a person is asked about'
  },
  {
    file: 'packages/cli/src/output/sort.ts',
    killedBy: ['packages/cli/test/commands/sort.test.ts'],
    name: 'sorted-page',
    text: 'await ask(whole as Q)',
    instead: 'await ask({ ...whole, ...query })',
    rule: 'a sorted list is sorted whole, and then cut'
  }
]
