import { type Check, type Enrolment, shortFingerprint } from '@joinery/protocol'
import type { Command } from 'commander'
import { printNext, referenceTo } from '../next-command.ts'
import { toJson } from '../output/json.ts'
import { conditionCell, stateCell } from '../output/styles.ts'
import { type Cell, table } from '../output/table.ts'
import { inSession, outputOption, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { age } from '../times.ts'

const examples = `Examples:
  joinery list                                    who waits, who joins, who is Ready
  joinery list -o json | jq '.items[].state'
`

export const addList = (program: Command, terminal: Terminal): Command =>
  program
    .command('list')
    .description('list the enrolments and what each waits for')
    .addHelpText('before', examples)
    .addOption(outputOption())
    .action((_options, command) => inSession(command, terminal, list))

const list = async ({ client, terminal, json }: Session): Promise<void> => {
  const answer = await client.list()
  if (json) return terminal.out(toJson(answer))
  const { items } = answer
  if (items.length === 0) return terminal.err('No machine has enrolled yet.\nNext: joinery code create\n')
  const now = terminal.now()
  terminal.out(table([headers, ...items.map((enrolment) => row(enrolment, now))], terminal.colour))
  const references = (state: Enrolment['state']) =>
    items.filter((enrolment) => enrolment.state === state).map((enrolment) => referenceTo(enrolment, items))
  for (const reference of references('frozen')) terminal.err(`Next: joinery show ${reference}\n`)
  const pending = references('pending')
  if (pending.length > 0) printNext(terminal, 'pending', pending.join(' '))
}

const headers = ['NAME', 'STATE', 'NODE', 'ROLE', 'ADDRESS', 'KEY', 'PREFLIGHT', 'AGE', 'MESSAGE']

const row = (enrolment: Enrolment, now: Date): Cell[] => [
  enrolment.name,
  stateCell(enrolment.state),
  enrolment.node === undefined ? '<none>' : conditionCell(enrolment.node),
  enrolment.role,
  enrolment.address,
  shortFingerprint(enrolment.key),
  preflightSummary(enrolment.preflight),
  age(enrolment.created, now),
  enrolment.message
]

const preflightSummary = (preflight: readonly Check[]): string => {
  const count = (verdict: Check['verdict']) => preflight.filter((check) => check.verdict === verdict).length
  if (count('fail') > 0) return `${count('fail')} fail`
  return count('warn') > 0 ? `${count('warn')} warn` : 'pass'
}
