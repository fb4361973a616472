import { escapeText } from '@joinery/protocol'
import type { Command } from 'commander'
import { exportLog } from '../../audit/export-logs.ts'
import { logsOfServer } from '../../audit/log-source.ts'
import { requireAuditHost } from '../../audit/on-host.ts'
import { printNext } from '../../output/next-command.ts'
import { inSession, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { logOption } from './audit-list.ts'

const examples = `Examples:
  joinery audit export --to /mnt/audit            all logs; again later, only what is new
  joinery audit export --to /mnt/audit --log 2026
`

export const addAuditExport = (audit: Command, terminal: Terminal): void => {
  audit
    .command('export')
    .description('copy the audit logs into a folder: tiles and checkpoint, which verify without the server')
    .addHelpText('before', examples)
    .requiredOption('--to <dir>', 'folder of the copies; what is there already stays')
    .addOption(logOption())
    .action(({ to, log }: { to: string; log?: string }, command) =>
      inSession(command, terminal, (session) => exportAll(session, to, log))
    )
}

const exportAll = async (session: Session, to: string, name: string | undefined): Promise<void> => {
  requireAuditHost(session, `export --to ${to}`)
  const { client, terminal } = session
  const logs = await logsOfServer(client)
  for (const log of logs) {
    if (name !== undefined && log.name !== name) continue
    const { size, files } = await exportLog(log, to)
    terminal.out(`${escapeText(`${to}/${log.name}`)}: ${size} leaves, ${files} files copied\n`)
  }
  printNext(terminal, `joinery audit verify --dir ${to} --key KEY`)
}
