import { readFile } from 'node:fs/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { systemFailure } from '@joinery/host/text/failure'
import { pageAt } from '@joinery/host/text/page-at'
import { alertCell } from '@joinery/host/text/styles'
import {
  type Judged,
  type JudgedCode,
  judgeMachine,
  loadPolicy,
  type Policy,
  type Rule,
  type Ruling,
  readText,
  WorkerEngine
} from '@joinery/policy'
import { Code, Enrolment } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Command } from 'commander'
import Type from 'typebox'
import { Value } from 'typebox/value'
import type { OperatorClient, SeenCode, SeenEnrolment } from '../../operator-client.ts'
import { type Column, columnTable } from '../../output/columns.ts'
import { type Printer, printDocument } from '../../output/document.ts'
import { outputOf, readOutput } from '../../session/output-option.ts'
import { requireHost } from '../../session/require-host.ts'
import { paged, terminalFor } from '../../session/screen-options.ts'
import { inSession } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'

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

/** A machine over which a policy is played, with its code if that is known. */
export interface Played {
  enrolment: Judged & { state: string }
  code: JudgedCode | undefined
}

/** The machines of these names, or all that wait, as the server has them now. */
export const playedFromServer = async (client: OperatorClient, names: readonly string[]): Promise<Played[]> => {
  // what the cluster shows of a machine is not all that a rule may ask for
  requireHost(client, {
    what: 'see all that a policy judges',
    command: `joinery policy test ${names.join(' ') || '--all'}`,
    host: 'on the host of the pairing server'
  })
  const enrolments: SeenEnrolment[] = []
  for (const name of names) enrolments.push(await client.show(name))
  if (names.length === 0) enrolments.push(...(await client.list({ state: 'pending' })).items)
  const codes = new Map((await client.listCodes()).items.map((code) => [code.id, code]))
  return enrolments.map((enrolment) => ({ enrolment: whole(enrolment), code: codeOf(codes.get(enrolment.code)) }))
}

const whole = (enrolment: SeenEnrolment): Played['enrolment'] => {
  if (Value.Check(PlayedEnrolment, enrolment)) return enrolment
  throw new CommandEnd(exitCodes.failure, `the server shows only a part of ${enrolment.id}`)
}

const codeOf = (code: SeenCode | undefined): JudgedCode | undefined => code

/** The parts of an enrolment that a policy reads. More may be there. */
const PlayedEnrolment = Type.Pick(Enrolment, [
  'id',
  'state',
  'name',
  'role',
  'code',
  'key',
  'address',
  'facts',
  'preflight',
  'conflicts',
  'nameConflict',
  'former',
  'labels',
  'withoutAgent',
  'pruned'
])
const PlayedCode = Type.Pick(Code, ['id', 'name', 'role', 'from', 'uses', 'proof'])

/** Bytes of a file that are read at most. */
const inputAtMost = 64 * 1024 * 1024

/** The machines in files that `joinery show`, `list` and `code show` printed as JSON: one document, a list, or `items`. */
export const playedFromFiles = async (files: readonly string[]): Promise<Played[]> => {
  const enrolments: Played['enrolment'][] = []
  const codes = new Map<string, JudgedCode>()
  for (const file of files) {
    for (const [index, document] of documentsOf(await read(file), file).entries()) {
      if (Value.Check(PlayedEnrolment, document)) enrolments.push(document)
      else if (Value.Check(PlayedCode, document)) codes.set(document.id, document)
      else throw noInput(`${file}: document ${index + 1} is neither an enrolment nor a code: ${firstFault(document)}`)
    }
  }
  return enrolments.map((enrolment) => ({ enrolment, code: codes.get(enrolment.code) }))
}

const noInput = (cause: string): CommandEnd =>
  new CommandEnd(exitCodes.usage, cause, 'give what one of these prints with -o json: joinery show, joinery list')

const firstFault = (document: unknown): string => {
  const [first] = Value.Errors(PlayedEnrolment, document)
  return first === undefined ? 'nothing fits' : `${first.instancePath || 'it'} ${first.message}`.slice(0, 200)
}

const read = async (file: string): Promise<string> => {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw noInput(systemFailure(error)?.cause.toString() ?? error.message)
  })
  if (bytes.length > inputAtMost) throw noInput(`${file} has more than ${inputAtMost} bytes`)
  return bytes.toString('utf8')
}

const documentsOf = (text: string, file: string): unknown[] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw noInput(`${file} is no JSON: ${(error as Error).message}`)
  }
  if (Array.isArray(value)) return value
  if (typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items)) return value.items
  return [value]
}
