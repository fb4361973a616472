import { ask, lifetimes, type Question, states } from '@joinery/protocol'
import { questions, timeOf } from './questions.ts'

const line = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const row = (question: Question): string =>
  line(questions[question], `\`${question}\``, ...states.map((state) => (ask(question)({ state }) ? '●' : '')))

/** The text of docs/reference/states.md, from the enrolment table alone. A test compares the two. */
export const statesPage = (): string => `# What each state means

\`node docs/picture/main.ts\` writes this page from [enrolment.ts](../../packages/protocol/src/enrolment.ts).

An enrolment is in one of these states. [The picture](../enrolment.svg) shows what leads from one to another. This table has the
questions that server, agent and command ask about a state, and the answers: ● is yes. Each question is a function of
[state-questions.ts](../../packages/protocol/src/state-questions.ts).

${line('the enrolment', 'in the code', ...states)}
${line('---', '---', ...states.map(() => ':-:'))}
${line('the clock ends the state after', '`clock`', ...states.map((state) => timeOf(state) ?? ''))}
${(Object.keys(questions) as Question[]).map(row).join('\n')}

The times of ${listed(Object.keys(lifetimes))} are [settings of the server](server-configuration.md). The time in \`joining\` is
the deadline of one attempt: of a worker, or of a control plane.

An agent may be older than its server. It reads a state that it does not know as \`unknown\`, says so, and waits. It finishes a join
that has begun. The command \`joinery\` shows such a state by the server's name for it.
`

const listed = (names: readonly string[]): string =>
  `${names
    .slice(0, -1)
    .map((name) => `\`${name}\``)
    .join(', ')} and \`${names.at(-1)}\``
