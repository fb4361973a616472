import { ProblemAnswer } from '@joinery/cli/testing/terminal'
import { type ProblemCode, ProblemError, problems } from '@joinery/protocol'
import { problemWords } from './problem-words.ts'

/** docs/reference/problems.md: every code that an API answers, with its cause and its remedy. */
export const problemsPage = (): string => `<!-- Generated: node_modules/.bin/node docs/api/main.ts -->
# Error codes

Every error of [the APIs](api.md) has one of these codes. \`joinery\`, \`joinery-agent\` and the console print the cause and the remedy
in words, for the machine at hand. The status of a \`Code\` or a \`Decision\` in Kubernetes has the code, and so has
[the metric](metrics.md) \`joinery_refusals_total\`. Decide by the code, never by the text. A newer server may answer with a code that is not here.

"Again" says what an agent does, and what a client of yours should do:

- **by itself**: the same request may succeed later. The agent tries again.
- **after a person**: the agent asks again slowly, until somebody has acted.
- **no**: the request itself is wrong.

"Exit" is [the exit code](exit-codes.md) of a command of \`joinery\` that gets this answer.

| code | status | exit | again | cause | remedy |
|---|---|---|---|---|---|
${(Object.keys(problems) as ProblemCode[]).map(row).join('\n')}
`

const again = { later: 'by itself', person: 'after a person', never: 'no' } as const

const row = (code: ProblemCode): string => {
  const { status, retry } = problems[code]
  const { exitCode } = new ProblemAnswer(new ProblemError(code).body)
  const { cause, remedy } = problemWords[code]
  return `| \`${code}\` | ${status} | ${exitCode} | ${again[retry]} | ${cause} | ${remedy} |`
}
