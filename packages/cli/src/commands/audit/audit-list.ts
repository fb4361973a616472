import { auditLogName, type PlacedLeaf } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addLeafFilter, type LeafFilter, leafCondition } from '../../audit/filter.ts'
import { leafColumns } from '../../audit/leaf-columns.ts'
import { requireAuditHost } from '../../audit/on-host.ts'
import { leavesOf } from '../../audit/read-leaves.ts'
import { columnTable } from '../../output/columns.ts'
import { printDocument } from '../../output/document.ts'
import { inPages, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery audit list                              all leaves of the newest log
  joinery audit list --subject worker-1           everything about one machine
  joinery audit list --event approve --by alice --since 7d
  joinery audit list --tail 20 -o wide
  joinery audit list --log 2025 -o json           a log of an earlier year
`

interface Options extends LeafFilter {
  log?: string
  tail?: number
}

export const addAuditList = (audit: Command, terminal: Terminal): void => {
  addLeafFilter(
    audit
      .command('list')
      .description('list decisions, credentials and outcomes, the oldest first')
      .addHelpText('before', examples)
      .addOption(logOption())
  )
    .option('--tail <count>', 'only the last ones (default: all)', parseCount)
    .addOption(outputOption('json', 'yaml'))
    .action(({ log, tail, ...filter }: Options, command) =>
      inPages(command, terminal, (session) => list(session, filter, log, tail))
    )
}

/** The option that names a log. */
export const logOption = (what = 'log to read, such as 2025 (default: the newest)'): Option =>
  new Option('--log <name>', what).argParser((typed: string) => {
    if (new RegExp(auditLogName).test(typed)) return typed
    throw new InvalidArgumentError('give the year of a log, such as 2026 or 2026-2.')
  })

const parseCount = (text: string): number => {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('give a number of leaves.')
}

const list = async (
  session: Session,
  filter: LeafFilter,
  log: string | undefined,
  tail: number | undefined
): Promise<void> => {
  requireAuditHost(session, 'list')
  const { client, terminal, headers } = session
  const fits = leafCondition(filter, terminal.now())
  const all: PlacedLeaf[] = []
  for await (const one of leavesOf(client, log)) if (fits(one)) all.push(one)
  const items = tail === undefined ? all : all.slice(all.length - Math.min(tail, all.length))
  if (printDocument(session, { items })) return
  if (items.length === 0) return terminal.err('No leaf fits these options.\n')
  terminal.out(columnTable(leafColumns, session, items, headers))
}
