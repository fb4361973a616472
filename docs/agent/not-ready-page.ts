import type { WhyRule } from '@joinery/agent/testing/why'
import { type CauseCode, causeTable } from '@joinery/protocol'
import { generated } from './preflight-page.ts'

/** docs/reference/not-ready.md: every cause in the order of its rank, and every rule with its source. */
export const notReadyPage = (rules: readonly WhyRule[]): string => `<!-- ${generated} -->
# Why a Node is not Ready

\`joinery-agent why\` says why the Node of a machine is not Ready, as that machine sees it. It needs root and no server
([how to use it](../how-to/not-ready.md)). The result of \`joinery-agent why -o json\` has a [schema](agent-why.schema.json).

## Causes

A cause explains those below it, so the first one that is found is the one to look at. The machine sees those with rules or looks of its
own. The cluster sees others.

| cause | what it means |
|---|---|
${Object.entries(causeTable)
  .map(([code, text]) => `| [\`${code}\`](#${code}) | ${text} |`)
  .join('\n')}

## By symptom

The agent compares the last lines of the journals of kubelet and container runtime with these rules. The first rule that fits a line
counts, and a narrow rule stands before a broad one. "Until" names the look that ends the meaning of an old line: for example, a line about the
runtime means nothing once the runtime answers.

${(Object.entries(causeTable) as [CauseCode, string][]).map(([code, text]) => section(code, text, rules)).join('\n\n')}
`

const section = (code: CauseCode, text: string, rules: readonly WhyRule[]): string => {
  const own = rules.filter((rule) => rule.code === code)
  const rows = own.length === 0 ? withoutRules : `${head}\n${own.map(row).join('\n')}`
  return `### ${code}\n\n${sentence(text)}\n\n${rows}`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const withoutRules = 'No line of a journal says so by itself: a look does.'

const head = `| rule | in the journal | meaning | first remedy | until | source |
|---|---|---|---|---|---|`

const row = ({ name, text, cause, remedy, until, source }: WhyRule): string => {
  const cells = [`\`${name}\``, code(text.source), cause, code(remedy[0] ?? ''), until ?? '', source]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** A text as code, whatever is in it. In a table a pipe is escaped all the same. */
const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)
