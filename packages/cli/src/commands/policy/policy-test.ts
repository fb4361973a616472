import { CommandEnd } from '@joinery/host/command-end'
import { pageAt } from '@joinery/host/text/page-at'
import { alertCell } from '@joinery/host/text/styles'
import { judgeMachine, loadPolicy, type Policy, type Rule, type Ruling, readText, WorkerEngine } from '@joinery/policy'
import { given } from '@joinery/protocol/given'
import type { Command } from 'commander'
import { type Column, columnTable } from '../../output/columns.ts'
import { type Printer, printDocument } from '../../output/document.ts'
import { outputOf, readOutput } from '../../session/output-option.ts'
import { paged, terminalFor } from '../../session/screen-options.ts'
import { inSession } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { type Played, playedFromFiles, playedFromServer } from './played.ts'

export interface Options {
  file: string
  all?: true
  input?: string[]
}

/** A machine with the ruling about it, as `-o json` prints it. */
interface Row {
  id: string
  name: string
  role: string
  state: string
  verdict: Ruling['verdict']
  /** Name of the rule that decides. */
  rule?: string
  why: string
  /** True if the claims of a machine alone can make that rule hold. */
  claimsOnly?: boolean
}

/** Checks the policy, and plays it over the machines that were named. Nothing is decided. */
export const testPolicy = async (
  names: readonly string[],
  { file, all, input }: Options,
  command: Command,
  terminal: Terminal
): Promise<void> => {
  if ([names.length > 0, all === true, input !== undefined].filter(Boolean).length > 1) {
    throw new CommandEnd(exitCodes.usage, 'give names, --all or --input, and only one of them')
  }
  const engine = new WorkerEngine()
  try {
    const loaded = await loadPolicy(file, engine, readText)
    if ('problems' in loaded)
      throw new CommandEnd(exitCodes.checkFails, loaded.problems, `see ${pageAt('reference/policy.md')}`)
    const { policy } = loaded
    if (names.length > 0 || all) {
      await inSession(command, terminal, async (session) => {
        const played = await playedFromServer(session.client, names)
        await paged(session.terminal, async (collected) =>
          printRows(await rowsOf(policy, engine, played, terminal.now()), policy, { ...session, terminal: collected })
        )
      })
      return
    }
    const printer = await printerOf(command, terminal)
    if (input === undefined) printRules(policy, printer)
    else printRows(await rowsOf(policy, engine, await playedFromFiles(input), terminal.now()), policy, printer)
  } finally {
    await engine.close()
  }
}

/** Printing without a session. */
const printerOf = async (command: Command, terminal: Terminal): Promise<Printer> => {
  const { headers, output } = command.optsWithGlobals<{ headers: boolean; output?: string }>()
  return { ...(await readOutput(outputOf(output))), terminal: terminalFor(command, terminal), headers }
}

const rowsOf = async (policy: Policy, engine: WorkerEngine, played: readonly Played[], now: Date): Promise<Row[]> => {
  const rows: Row[] = []
  for (const { enrolment, code } of played) {
    const { verdict, rule, why } = await judgeMachine(policy, engine, { enrolment, code }, { now })
    const { id, name, role, state } = enrolment
    rows.push({ id, name, role, state, verdict, why, ...given({ rule: rule?.name, claimsOnly: rule?.claimsOnly }) })
  }
  return rows
}

const rowColumns: readonly Column<Row>[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'STATE', cell: ({ state }) => state },
  { header: 'VERDICT', cell: ({ verdict }) => (verdict === 'reject' ? alertCell(verdict) : verdict) },
  { header: 'RULE', cell: ({ rule = '-' }) => rule },
  { header: 'WHY', cell: ({ why }) => why }
]

const printRows = (items: readonly Row[], policy: Policy, printer: Printer): void => {
  const { mode, hash } = policy
  if (printDocument(printer, { policy: { mode, hash }, items })) return
  const { terminal, headers } = printer
  if (items.length === 0) terminal.err('No machine waits.\n')
  else terminal.out(columnTable(rowColumns, printer, items, headers))
  terminal.err(`Nothing was decided. The mode of this policy is ${mode}, its hash is ${hash}\n`)
}

const ruleColumns: readonly Column<Rule>[] = [
  { header: 'RULE', cell: ({ name }) => name },
  { header: 'VERDICT', cell: ({ verdict }) => verdict },
  { header: 'ROLES', cell: ({ roles }) => roles.join(',') },
  { header: 'QUOTA', cell: ({ quota }) => (quota === undefined ? '-' : `${quota} an hour`) },
  { header: 'BETWEEN', cell: ({ between }) => (between === undefined ? '-' : inWords(between)) },
  {
    header: 'RESTS ON',
    cell: ({ verdict, claimsOnly }) =>
      verdict !== 'approve' ? '-' : claimsOnly ? 'claims of the machine alone' : 'what the server saw or gave'
  }
]

const inWords = ({ from, to, days }: NonNullable<Rule['between']>): string =>
  `${days === undefined ? '' : `${days.join(',')} `}${from}-${to} UTC`

const printRules = ({ mode, hash, rules }: Policy, printer: Printer): void => {
  if (printDocument(printer, { policy: { mode, hash }, rules })) return
  const { terminal, headers } = printer
  if (rules.length > 0) terminal.out(columnTable(ruleColumns, printer, rules, headers))
  const resting = rules.filter(({ needsProof }) => needsProof).map(({ name }) => name)
  if (resting.length > 0) {
    const who = 'made by root on the server, or with --proof by somebody who may approve'
    terminal.err(`These rules ask about the code, and approve only if it is proof (${who}): ${resting.join(', ')}\n`)
  }
  terminal.err(`The policy is right. Its mode is ${mode}, its hash is ${hash}\n`)
}
