import { auditPage, escapeText, type PlacedLeaf } from '@joinery/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import { addLeafFilter, type LeafFilter, leafCondition } from '../../audit/filter.ts'
import { leafColumns } from '../../audit/leaf-columns.ts'
import { requireAuditHost } from '../../audit/on-host.ts'
import { columnTable, leastWidths } from '../../output/columns.ts'
import { printDocument } from '../../output/document.ts'
import { inSession, outputOption, type Session } from '../../session/session.ts'
import { isOutage } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { logOption } from './audit-list.ts'

const examples = `Examples:
  joinery audit follow                            each new leaf as it comes, until Ctrl-C
  joinery audit follow -o json                    a JSON document a line, with log and index
  joinery audit follow --log 2026 --after 1204    go on behind the last one that was read
`

interface Options extends LeafFilter {
  log?: string
  after?: number
}

/** Milliseconds between two looks. */
const interval = 1000

export const addAuditFollow = (audit: Command, terminal: Terminal): void => {
  addLeafFilter(
    audit
      .command('follow')
      .description('print each new leaf as it comes, also over the end of a year')
      .addHelpText('before', examples)
      .addOption(logOption())
  )
    .option(
      '--after <index>',
      'index of the last leaf that was read (default: begin with the next new one)',
      parseIndex
    )
    .addOption(outputOption('json'))
    .action(({ log, after, ...filter }: Options, command) =>
      inSession(command, terminal, (session) => follow(session, filter, { log, after }))
    )
}

const parseIndex = (text: string): number => {
  if (/^(-1|\d{1,15})$/.test(text)) return Number(text)
  throw new InvalidArgumentError('give the index of a leaf.')
}

const follow = async (
  session: Session,
  filter: LeafFilter,
  begin: { log: string | undefined; after: number | undefined }
): Promise<never> => {
  requireAuditHost(session, 'follow')
  const { terminal } = session
  const fits = leafCondition(filter, terminal.now())
  const widths = leastWidths(leafColumns, session)
  let headers = session.headers
  let isAway = false
  let place = await startOf(session, begin)
  for (;;) {
    try {
      const { items, next } = await lookOn(session, place)
      const fresh = items.filter(fits)
      if (fresh.length > 0) print(fresh, session, headers, widths)
      if (fresh.length > 0) headers = false
      place = next
      isAway = false
      if (items.length > 0) continue
    } catch (error) {
      if (!isOutage(error)) throw error
      if (!isAway) terminal.err(`The pairing server does not answer: ${escapeText(error.message)}\n`)
      isAway = true
    }
    await terminal.pause(interval)
  }
}

interface LeafPlace {
  log: string
  from: number
}

const startOf = async (
  { client }: Session,
  { log, after }: { log: string | undefined; after: number | undefined }
): Promise<LeafPlace> => {
  const page = await client.listAudit({ ...(log !== undefined && { log }), limit: '1' })
  return { log: page.log, from: after === undefined ? page.size : after + 1 }
}

/** The leaves from a place on. If a log has none any more and another one came after it, it goes on with that. */
const lookOn = async ({ client }: Session, place: LeafPlace): Promise<{ items: PlacedLeaf[]; next: LeafPlace }> => {
  const { items } = await client.listAudit({ log: place.log, from: `${place.from}`, limit: `${auditPage}` })
  if (items.length > 0) return { items, next: { ...place, from: place.from + items.length } }
  const logs = (await client.listAuditLogs()).items
  const at = logs.findIndex(({ name }) => name === place.log)
  const size = logs[at]?.size ?? 0
  const following = logs[at + 1]
  // its last leaves may have come between the two questions
  if (at < 0 || following === undefined || size > place.from) return { items, next: place }
  return { items, next: { log: following.name, from: 0 } }
}

const print = (items: readonly PlacedLeaf[], session: Session, headers: boolean, widths: number[]): void => {
  if (session.format === 'table' || session.format === 'wide') {
    session.terminal.out(columnTable(leafColumns, session, items, headers, widths))
    return
  }
  for (const one of items) printDocument({ ...session, streams: true }, one)
}
