import { CommandEnd } from '@joinery/host/command-end'
import { writeDurably } from '@joinery/host/write-durably'
import { readLeaf } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { LogProblem, openCheckpoint, openLog, readVerifierKey, type Verifier } from '@joinery/tlog'
import { Argument, type Command } from 'commander'
import { keyOfLog, readAuditKey } from '../../audit/audit-key.ts'
import { chainOf, isRead, type ReadLeaf } from '../../audit/chain.ts'
import { statedOrigin } from '../../audit/kept-checkpoints.ts'
import { leafColumns } from '../../audit/leaf-columns.ts'
import { logsInFolder, logsOfServer, type SourceLog } from '../../audit/log-source.ts'
import { requireAuditHost } from '../../audit/on-host.ts'
import { proofsOf } from '../../audit/proofs.ts'
import { columnTable } from '../../output/columns.ts'
import { type Printer, printDocument } from '../../output/document.ts'
import { printNext } from '../../output/next-command.ts'
import { outputOf, outputOption, readOutput } from '../../session/output-option.ts'
import { terminalFor } from '../../session/screen-options.ts'
import { inSession } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { logOption } from './audit-list.ts'

const examples = `Examples:
  joinery audit prove --node worker-1             code, person, key, credential, certificate and Node
  joinery audit prove --node worker-1 --to worker-1.proof
  joinery audit prove 1204 --to 1204.proof        one leaf of the newest log
  joinery audit verify --proof worker-1.proof --key audit.pub
`

interface Options {
  node?: string
  dir?: string
  key?: string
  to?: string
  log?: string
}

export const addAuditProve = (audit: Command, terminal: Terminal): void => {
  audit
    .command('prove')
    .description('prove who let a machine in, or that a leaf is in the log')
    .addHelpText('before', examples)
    .addArgument(new Argument('[index]', 'index of one leaf'))
    .option('--node <name>', 'name of a Node: prove its whole chain')
    .option('--dir <dir>', 'folder with a copy of the logs; no server is asked (default: the logs of the server)')
    .option('--key <key>', 'public key of the logs, or a file with it (default: what the server says)')
    .option('--to <file>', 'file for the proof, which joinery audit verify --proof takes')
    .addOption(logOption())
    .addOption(outputOption('json', 'yaml'))
    .action(async (index: string | undefined, options: Options, command: Command) => {
      const wanted = wantedOf(index, options)
      if (options.dir !== undefined) {
        const { output, headers } = command.optsWithGlobals<{ output: string; headers: boolean }>()
        const printer = { ...(await readOutput(outputOf(output))), headers, terminal: terminalFor(command, terminal) }
        if (options.key === undefined) throw new CommandEnd(exitCodes.usage, 'a copy needs the public key: --key')
        return prove(await logsInFolder(options.dir), await readAuditKey(options.key), wanted, options, printer)
      }
      await inSession(command, terminal, async (session) => {
        requireAuditHost(session, `prove ${index ?? `--node ${options.node}`}`)
        const { key } = await session.client.listAuditLogs()
        const logs = await logsOfServer(session.client)
        await prove(logs, await readAuditKey(options.key ?? key), wanted, options, session)
      })
    })
}

type Wanted = { index: number } | { node: string }

const wantedOf = (index: string | undefined, { node }: Options): Wanted => {
  if (index !== undefined && node === undefined && /^\d{1,15}$/.test(index)) return { index: Number(index) }
  if (index === undefined && node !== undefined) return { node }
  throw new CommandEnd(exitCodes.usage, 'give either the index of a leaf or --node NAME')
}

const prove = async (
  logs: readonly SourceLog[],
  key: Verifier,
  wanted: Wanted,
  { to, log }: Options,
  printer: Printer
): Promise<void> => {
  try {
    const chosen = logs.filter(({ name }) => log === undefined || name === log)
    const { leaves, missing } =
      'node' in wanted ? await chain(chosen, key, wanted.node) : await one(chosen, key, wanted.index)
    const items = await withProofs(chosen, key, leaves)
    if (to !== undefined) await writeDurably(to, Buffer.from(items.map(({ proof }) => proof).join('')))
    if (printDocument(printer, { items, missing })) return
    const { terminal, headers } = printer
    terminal.out(columnTable(leafColumns, printer, leaves, headers))
    for (const what of missing) terminal.err(`Not in the log: ${what}\n`)
    if (to !== undefined) printNext(terminal, `joinery audit verify --proof ${to} --key KEY`)
  } catch (error) {
    throw error instanceof LogProblem
      ? new CommandEnd(exitCodes.checkFails, error.message, 'joinery audit verify')
      : error
  }
}

const chain = async (logs: readonly SourceLog[], key: Verifier, node: string) => {
  const all: ReadLeaf[] = []
  for (const log of logs) all.push(...(await leavesIn(log, key)))
  const found = chainOf(all, node)
  if (found === undefined) throw new CommandEnd(exitCodes.notFound, `no leaf of the audit log has a machine ${node}`)
  return found
}

const one = async (logs: readonly SourceLog[], key: Verifier, index: number) => {
  const log = logs.at(-1)
  const leaves = log === undefined ? [] : await leavesIn(log, key, index, index + 1)
  if (leaves.length === 0) throw new CommandEnd(exitCodes.notFound, `the audit log has no leaf ${index}`)
  return { leaves, missing: [] }
}

/** Leaves of a log, each compared with the signed checkpoint. */
const leavesIn = async ({ name, read }: SourceLog, key: Verifier, from = 0, to?: number): Promise<ReadLeaf[]> => {
  const note = (await read('checkpoint')) ?? new Uint8Array()
  const origin = statedOrigin(note)
  const verifier = keyOfLog(key, origin)
  if (verifier === undefined) {
    throw new CommandEnd(
      exitCodes.checkFails,
      `the log ${name} is of ${origin || 'nobody'}, and the key is that of ${key.name}`
    )
  }
  const log = await openLog(read, openCheckpoint(note, readVerifierKey(verifier)))
  const leaves: ReadLeaf[] = []
  for await (const { index, leaf } of log.entries(from, to)) {
    const text = Buffer.from(leaf).toString()
    const placed = { log: name, index, text, ...given({ leaf: readLeaf(text) }) }
    if (isRead(placed)) leaves.push(placed)
  }
  return leaves
}

const withProofs = async (
  logs: readonly SourceLog[],
  key: Verifier,
  leaves: readonly ReadLeaf[]
): Promise<(ReadLeaf & { proof: string })[]> => {
  const items: (ReadLeaf & { proof: string })[] = []
  for (const log of logs) {
    const own = leaves.filter((leaf) => leaf.log === log.name)
    if (own.length === 0) continue
    const proofs = await proofsOf(
      log,
      own.map(({ index }) => index),
      key
    )
    items.push(...own.map((leaf) => ({ ...leaf, proof: proofs.get(leaf.index) ?? '' })))
  }
  return items
}
