import type { Mutant } from './mutant.ts'

const room = 'packages/cli/src/kubernetes'
const journeys = 'test/journeys/kubernetes-door-command'
const decide = { file: `${room}/decide.ts`, killedBy: [`${journeys}/decide.test.ts`] }
const codes = { file: `${room}/codes.ts`, killedBy: [`${journeys}/codes.test.ts`] }
const signed = [`${journeys}/signed.test.ts`]
const trust = { file: `${room}/pin/trust.ts`, killedBy: signed }
const open = { file: `${room}/pin/open-install.ts`, killedBy: signed }

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
    file: 'packages/server/src/features/kubernetes-api/view-of.ts',
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
    ...open,
    name: 'statement-under-the-shown-pin',
    text: 'const { pin } = judged.named',
    instead: 'const { pin } = installation',
    rule: 'a statement is opened under the pin that the operator named'
  },
  {
    ...open,
    name: 'facts-of-the-view-in-user-data',
    text: '  const { issued, cluster, version: _, ...facts } = opened.statement\n',
    instead:
      '  const { issued, cluster } = opened.statement\n  const { server, servers, apiEndpoint, package: agentPackage } = installation\n  const facts = { server, apiEndpoint, ...given({ servers, package: agentPackage }) }\n',
    rule: 'user-data has only what was signed'
  },
  {
    ...open,
    name: 'statement-of-another-cluster',
    text: 'judged.cluster !== undefined && judged.cluster !== cluster',
    instead: 'judged.cluster === undefined && judged.cluster !== cluster',
    rule: 'a statement speaks for its own cluster'
  },
  {
    ...open,
    name: 'statement-for-ever',
    text: '!(at >= now.getTime() - lifetime)',
    instead: '!(at >= 0)',
    rule: 'a statement counts for 24 hours'
  },
  {
    ...open,
    name: 'statement-of-tomorrow',
    text: '!(at <= now.getTime() + apart)',
    instead: 'at < 0',
    rule: 'a statement is of no later time than clocks differ'
  },
  {
    ...open,
    name: 'older-statement-believed',
    text: 'newest !== undefined && !(at >= Date.parse(newest) - apart)',
    instead: 'newest !== undefined && at < 0',
    rule: 'a statement that is older than one that was accepted is refused'
  },
  {
    ...open,
    name: 'any-ca-in-user-data',
    text: '.filter(([key]) => key === pin || key === next)',
    instead: '.filter(([key]) => key !== next || key !== undefined)',
    rule: 'user-data has only CAs whose key is the pin or the proven next one'
  },
  {
    ...open,
    name: 'next-pin-that-nobody-signed',
    text: 'openNextPin(signedNextPin, pin).catch(() => undefined)',
    instead: 'openNextPin(signedNextPin, pin).catch(() => `sha256:${"f".repeat(64)}`)',
    rule: 'a next pin counts only if the CA of the present one signed it'
  },
  {
    ...trust,
    name: 'first-look-in-user-data',
    text: 'if (kept?.named) return',
    instead: 'if (kept) return',
    rule: 'a pin that a look saw first is named by nobody'
  },
  {
    ...trust,
    name: 'another-cluster-behind-a-context',
    text: "  if (verdict === 'elsewhere') throw changedPin(found)\n",
    instead: '',
    rule: 'another cluster on a known way makes no user-data'
  },
  {
    ...trust,
    name: 'changed-pin-in-user-data',
    text: "  if (verdict === 'changed') throw changedPin(found)\n",
    instead: '',
    rule: 'another pin than before does not go into user-data',
    killedBy: [`${journeys}/doors-differ.test.ts`]
  },
  {
    ...trust,
    name: 'broken-pins-in-the-way-of-nothing',
    text: 'if (broken !== undefined) {',
    instead: 'if (broken === null) {',
    rule: 'a broken file of pins makes no user-data'
  },
  {
    ...trust,
    name: 'named-pin-replaced-by-a-project',
    text: 'if (!kept?.named || named.pin === kept.pin || named.pin === kept.proven) return named',
    instead: 'if (!kept?.named || named.by !== undefined) return named',
    rule: 'a pin that was named is replaced by one that is typed alone'
  },
  {
    ...trust,
    name: 'any-digits-are-a-pin',
    text: 'if (digits !== undefined && isFingerprintOf(digits, pin)) return pin',
    instead: 'if (digits !== undefined || isFingerprintOf(pin, pin)) return pin',
    rule: 'what a person types is compared'
  },
  {
    name: 'changed-pin-kept',
    file: `${room}/pin/compare-pin.ts`,
    text: "broken !== undefined || seen.verdict === 'another' || isChanged(seen)",
    instead: "broken !== undefined || seen.verdict === 'another'",
    rule: 'another pin than before is kept only if it was typed',
    killedBy: [`${journeys}/doors-differ.test.ts`]
  },
  {
    name: 'api-server-chooses-the-time',
    file: `${room}/connect.ts`,
    text: '    clock: terminal.now,\n',
    instead: '    clock: now,\n',
    rule: 'a statement is judged by the clock of the operator',
    killedBy: signed
  },
  {
    name: 'authority-of-another-cluster',
    file: `${room}/pin/ways.ts`,
    text: "...(authority ? [digest('authority', authority)] : [])",
    instead: '...(authority ? [] : [])',
    rule: 'the CA of an API server is a way to a cluster',
    killedBy: signed
  },
  {
    name: 'ways-of-nobody',
    file: `${room}/pin/pins.ts`,
    text: 'ways.filter((way) => !kept?.ways?.includes(way))',
    instead: 'ways.filter((way) => kept?.ways?.includes(way))',
    rule: 'a way that belonged to another cluster is known',
    killedBy: ['packages/cli/test/kubernetes/pins.test.ts']
  },
  {
    name: 'broken-pins-begun-again',
    file: `${room}/pin/pins.ts`,
    text: 'if (!Value.Check(Kept, kept)) throw new Error(`${path} is broken`)',
    instead: 'if (!Value.Check(Kept, kept)) return { version: 1, pins: {} }',
    rule: 'nothing is written over a broken file of pins',
    killedBy: ['packages/cli/test/kubernetes/pins.test.ts']
  },
  {
    name: 'console-that-asks',
    file: 'packages/cli/src/commands/console/console.ts',
    text: 'const { ask: _, ...silent } = terminal',
    instead: 'const silent = terminal',
    rule: 'a console puts no question on its terminal',
    killedBy: [`${journeys}/console.test.ts`]
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
