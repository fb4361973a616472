import {
  functionRows,
  InventoryDocument,
  limits,
  operatorRows,
  PolicyDocument,
  RuleDocument,
  type Variable,
  variableRows
} from '@joinery/policy'
import { settings } from './settings.ts'

/** The page of the policy: the keys of its file, and what a rule may name, from the tables of the code. */
export const policyPage = (): string => `<!-- Generated: node_modules/.bin/node docs/server/main.ts -->
# The approval policy

**Beta**: this may change in any minor version ([levels](levels.md)).

This is the file that \`policy\` of [the server's configuration](server-configuration.md) names. [The how-to](../how-to/policy.md) has
examples. \`joinery policy test\` checks it, and names rule, line and column of a fault.

| key | value | without it |
|---|---|---|
${[
  ...settings(PolicyDocument).filter(({ key }) => key === 'mode'),
  ...settings(RuleDocument, 'rules[].'),
  ...settings(InventoryDocument, 'inventories.NAME.')
]
  .map(({ key, value, otherwise }) => `| \`${key}\` | ${value} | ${otherwise} |`)
  .join('\n')}

An inventory has either \`values\` or a \`file\`. The first rule that holds decides. If no rule holds, or the first that might hold cannot be
evaluated, the machine waits for an operator.

## Variables

A rule is an expression of [CEL](https://cel.dev), and its variables are the evidence about one machine. What the machine **claims**, any machine
can claim. What is **proof**, the server saw or gave: another machine does not have it by saying so. A **fact** is known to the server, and
says nothing about which machine it is.

If the claims of a machine alone can make a rule hold, the rule rests on claims. An approval by such a rule needs a quota, is never for control
planes, and the timeline says what it rests on.

Only these forms rest on proof, where \`PROOF\` is such a variable, an item of it, or that in lower or upper case:

| form | what it must have |
|---|---|
| \`PROOF == TEXT\`, \`PROOF in [TEXT, ...]\`, \`TEXT in PROOF\`, \`has(code.labels.KEY)\` | texts that stand in the rule, and are not empty |
| \`PROOF.startsWith(TEXT)\`, or \`PROOF.matches("^TEXT...")\` without another branch | of a key \`sha256:\` and 20 digits, of the id of a code 8, of an address the first group |
| \`inCidr(seen.address, NETWORK)\` | a network of at least 7 bits, such as \`10.0.0.0/8\` |
| \`inInventory(PROOF, "NAME")\` | an inventory without an empty value |
| \`LIST.exists(x, TEST)\` | a test of one of these forms |

To be unlike something is no proof: \`!=\`, or \`!\` before one of these forms. With \`||\` both sides must have one, with \`&&\` one side.

The variables \`code.id\`, \`code.name\`, \`code.from\` and \`code.labels\` are proof only if whoever made the code may approve. A rule that
approves and asks about one of them approves only machines [whose code is proof](../how-to/policy.md#codes-that-are-proof).

| variable | type | standing | what it is |
|---|---|---|---|
${[...variableRows].map(([name, variable]) => variableRow(name, variable)).join('\n')}

## Functions

| written | what it is |
|---|---|
${functionRows.map(({ form, help }) => `| ${cell(form)} | ${cell(help)} |`).join('\n')}

## Operators

| written | what it is |
|---|---|
${operatorRows.map(({ form, help }) => `| ${cell(form)} | ${cell(help)} |`).join('\n')}

No other function of CEL can be called. Patterns are [RE2](https://github.com/google/re2/wiki/Syntax): no pattern takes long, whatever text a
machine sends.

## Bounds

| what | at most |
|---|---|
| time for one rule and one machine; then the thread that evaluates it is ended | ${limits.evaluation} ms |
| characters of an expression | ${limits.expression} |
| rules | ${limits.rules} |
| inventories | ${limits.inventories} |
| values of an inventory, and characters of each | ${limits.values}, ${limits.value} |
| bytes of the file, and of the file of an inventory | ${limits.file}, ${limits.inventoryFile} |
| characters of a text of a machine, and items of a list; with more, no rule sees the machine | ${limits.text}, ${limits.items} |
`

const variableRow = (name: string, { kind, standing, help }: Variable): string =>
  `| \`${name}\` | ${kind} | ${standing} | ${cell(help)} |`

/** A bar within a cell would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|')
