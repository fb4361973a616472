import { readFile } from 'node:fs/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, readLeaf } from '@joinery/protocol'
import { LogProblem, readProof, readVerifierKey, type Verifier, verifyProof } from '@joinery/tlog'
import type { Command } from 'commander'
import { keyOfLog, readAuditKey } from '../../audit/audit-key.ts'
import { readKept, statedOrigin } from '../../audit/kept-checkpoints.ts'
import { logsInFolder, logsOfServer, type SourceLog } from '../../audit/log-source.ts'
import { requireAuditHost } from '../../audit/on-host.ts'
import { splitProofs } from '../../audit/proofs.ts'
import { type VerifiedLog, verifyLogs } from '../../audit/verify-logs.ts'
import { type Printer, printDocument } from '../../output/document.ts'
import { outputOf, outputOption, readOutput } from '../../session/output-option.ts'
import { terminalFor } from '../../session/screen-options.ts'
import { inSession } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { logOption } from './audit-list.ts'

const examples = `Examples:
  joinery audit verify --dir /mnt/audit --key audit.pub
  joinery audit verify --dir /mnt/audit --key audit.pub --checkpoint /mnt/elsewhere/checkpoint
  joinery audit verify --proof worker-1.proof --key audit.pub
  joinery audit verify                            on the server's host, by the key that the server says
`

interface Options {
  dir?: string
  key?: string
  checkpoint: string[]
  proof?: string
  log?: string
}

export const addAuditVerify = (audit: Command, terminal: Terminal): void => {
  audit
    .command('verify')
    .description('verify that no leaf was changed, removed or swapped; exits with 7 if something is wrong')
    .addHelpText('before', examples)
    .option('--dir <dir>', 'folder with a copy of the logs; no server is asked (default: the logs of the server)')
    .option('--key <key>', 'public key of the logs, or a file with it (default: what the server says)')
    .option('--checkpoint <file>', 'checkpoint that was kept elsewhere; may be repeated', collect, [])
    .option('--proof <file>', 'file that joinery audit prove made: verify only what it proves')
    .addOption(logOption())
    .addOption(outputOption('json', 'yaml'))
    .action(async (options: Options, command: Command) => {
      if (options.dir === undefined && options.proof === undefined) return verifyServer(options, command, terminal)
      const { output, headers } = command.optsWithGlobals<{ output: string; headers: boolean }>()
      const printer = { ...(await readOutput(outputOf(output))), headers, terminal: terminalFor(command, terminal) }
      const key = await readAuditKey(required(options.key))
      if (options.proof !== undefined) return verifyProofs(options.proof, key, printer)
      await verify(await logsInFolder(options.dir ?? ''), key, options, printer)
    })
}

const collect = (file: string, before: string[]): string[] => [...before, file]

/** The key. A copy cannot say by itself which key is right. */
const required = (key: string | undefined): string => {
  if (key !== undefined) return key
  const remedy = 'sudo joinery audit key, on the host of the pairing server, prints it: keep it elsewhere'
  throw new CommandEnd(exitCodes.usage, 'a copy or a proof needs the public key: --key', remedy)
}

const verifyServer = (options: Options, command: Command, terminal: Terminal): Promise<void> =>
  inSession(command, terminal, async (session) => {
    requireAuditHost(session, 'verify')
    const { key, waiting, trouble } = await session.client.listAuditLogs()
    if (options.key === undefined)
      session.terminal.err('The key is the one that the server says: name yours by --key.\n')
    if (waiting > 0) {
      session.terminal.err(
        `${waiting} leaves are not in the log yet${trouble === undefined ? '' : `: ${escapeText(trouble)}`}\n`
      )
    }
    const logs = await logsOfServer(session.client)
    await verify(logs, await readAuditKey(options.key ?? key), options, session)
  })

const verify = async (
  logs: readonly SourceLog[],
  key: Verifier,
  { checkpoint, log }: Options,
  printer: Printer
): Promise<void> => {
  const chosen = logs.filter(({ name }) => log === undefined || name === log)
  const files = [...checkpoint, ...chosen.flatMap(({ older }) => older ?? [])]
  const kept = (await Promise.all(files.map(readKept))).flat()
  if (chosen.length === 0) throw new CommandEnd(exitCodes.notFound, `there is no audit log ${log}`)
  const items = await verifyLogs({ logs: chosen, key, kept, all: log === undefined && logs.every(isNamed) })
  if (!printDocument(printer, { items })) for (const one of items) print(one, printer)
  const wrong = items.filter(({ findings }) => findings.length > 0)
  if (wrong.length > 0)
    throw new CommandEnd(exitCodes.checkFails, `not whole: ${wrong.map(({ name }) => name).join(', ')}`)
}

/** False for a folder that is one log itself, beside which no other is looked for. */
const isNamed = ({ name }: SourceLog): boolean => !name.includes('/') && /^\d/.test(name)

const print = ({ name, size, findings }: VerifiedLog, { terminal }: Printer): void => {
  const said = findings.length === 0 ? `${size} leaves, all as they were signed` : `${size} leaves, not whole`
  terminal.out(`${escapeText(name)}: ${said}\n`)
  for (const { code, detail } of findings) terminal.out(`  ${code}: ${escapeText(detail)}\n`)
}

/** Verifies each proof of a file, and prints the leaves that are proven. */
const verifyProofs = async (file: string, key: Verifier, printer: Printer): Promise<void> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandEnd(exitCodes.failure, `${file} cannot be read (${error.code})`)
  })
  const proofs = splitProofs(text)
  if (proofs.length === 0)
    throw new CommandEnd(exitCodes.usage, `${file} has no proof`, 'joinery audit prove makes one')
  const items = proofs.map((proof) => proven(proof, key))
  if (printDocument(printer, { items })) return
  for (const { origin, index, text } of items)
    printer.terminal.out(`${escapeText(`${origin}, leaf ${index}: ${text}`)}\n`)
  printer.terminal.err(`${items.length} leaves are in the log, as they stand here.\n`)
}

const proven = (text: string, key: Verifier) => {
  try {
    const { extra, checkpoint } = readProof(text)
    const origin = statedOrigin(checkpoint)
    const verifier = keyOfLog(key, origin)
    if (extra === undefined || verifier === undefined) {
      const why = extra === undefined ? 'has no leaf' : `is of ${origin}, and the key is that of ${key.name}`
      throw new CommandEnd(exitCodes.checkFails, `a proof ${why}`)
    }
    const { index, size } = verifyProof(text, extra, readVerifierKey(verifier))
    const leaf = Buffer.from(extra).toString()
    return { origin, index, size, leaf: readLeaf(leaf), text: leaf }
  } catch (error) {
    throw error instanceof LogProblem ? new CommandEnd(exitCodes.checkFails, error.message) : error
  }
}
