import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Words of the house that an operator meets, each with the page that says most about it, as a link of docs/reference. */
const pageOfWord: Readonly<Record<string, string>> = {
  agent: '[commands](cli-agent.md)',
  alert: '[each alert](../how-to/alerts.md)',
  approval: '[approve](../how-to/install.md#let-the-first-machine-in)',
  attempt: '[what each state means](states.md)',
  ban: '[remove a machine](../how-to/remove-and-replace.md)',
  budget: '[all budgets](server-configuration.md#budgets)',
  check: '[all checks](preflight.md)',
  claim: '[one enrolment](../explanation/one-enrolment.md)',
  "claim, a machine's": '[what you can rely on](../explanation/guarantees.md)',
  code: '[many machines](../how-to/fleets.md)',
  conflict: '[two keys](../how-to/alerts.md#two-keys)',
  credential: '[token or certificate](../how-to/certificates.md)',
  'credential kind': '[token or certificate](../how-to/certificates.md)',
  'dial-back': '[NAT](../how-to/networks.md#nat)',
  enrolment: '[what each state means](states.md)',
  evidence: '[approve](../how-to/install.md#let-the-first-machine-in)',
  facts: '[approve](../how-to/install.md#let-the-first-machine-in)',
  fingerprint: '[from the console](../how-to/by-hand.md)',
  frozen: '[two keys](../how-to/alerts.md#two-keys)',
  gate: '[ready for work](../how-to/ready-for-work.md)',
  generation: '[a store that went back](../how-to/back-up.md#a-store-that-went-back-without-restore)',
  grant: '[control planes](../how-to/control-planes.md)',
  'join key': '[token or certificate](../how-to/certificates.md)',
  machine: '[install](../how-to/install.md)',
  mend: '[what the agent mends](../how-to/mending.md)',
  notice: '[notices](../how-to/notices.md)',
  operator: '[with kubectl](../how-to/kubernetes.md)',
  outsider: '[a Node from outside](../how-to/alerts.md#a-node-from-outside)',
  pin: '[renew keys](../how-to/rotate-keys.md)',
  preflight: '[all checks](preflight.md)',
  problem: '[error codes](problems.md)',
  rehearsal: '[the tutorial](../tutorials/demo.md)',
  remedy: '[all checks](preflight.md)',
  revision: '[approve](../how-to/install.md#let-the-first-machine-in)',
  timeline: '[the tutorial](../tutorials/demo.md#6-read-the-whole-way)',
  use: '[many machines](../how-to/fleets.md)',
  view: '[with kubectl](../how-to/kubernetes.md#what-to-know)',
  wave: '[decide about many](../how-to/fleets.md#decide-about-many)',
  'way back': '[a certificate that was lost](../how-to/way-back.md)'
}

const style = join(import.meta.dirname, '../contributing/style.md')

/** What docs/reference has of words, by file name, made from the table of the page of style. */
export const glossaryPages = (): Record<string, string> => ({
  'glossary.md': glossaryPage(readFileSync(style, 'utf8'))
})

/**
 * docs/reference/glossary.md: the words of the table in `styleText` that an operator meets. Throws if a word is not in that
 * table.
 */
const glossaryPage = (styleText: string): string => {
  const meanings = new Map(
    [...styleText.matchAll(/^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)].map(([, word = '', meaning = '']) => [
      word,
      meaning
    ])
  )
  const rows = Object.entries(pageOfWord).map(([word, page]) => {
    const meaning = meanings.get(word)
    if (meaning === undefined) throw new Error(`docs/contributing/style.md has no word ${word}`)
    return `| ${word} | ${meaning} | ${page} |`
  })
  return `<!-- Generated: node_modules/.bin/node docs/glossary/main.ts -->
# Glossary

The words of commands, pages and messages. All words of the code are in [the page of style](../contributing/style.md#the-words-of-the-house);
those of Kubernetes are as Kubernetes has them.

| word | what it is | more |
|---|---|---|
${rows.join('\n')}
`
}
