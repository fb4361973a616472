import { CommandEnd } from '@joinery/host/command-end'
import type { Command } from 'commander'
import { keyOfLog, readAuditKey } from '../../audit/audit-key.ts'
import { statedOrigin } from '../../audit/kept-checkpoints.ts'
import { requireAuditHost } from '../../audit/on-host.ts'
import { inSession, type Session } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { logOption } from './audit-list.ts'

const examples = `Examples:
  joinery audit key > audit.pub                   keep it where root of this host cannot change it
  joinery audit key --log 2026                    the same for other programs, which take a key for one log
`

export const addAuditKey = (audit: Command, terminal: Terminal): void => {
  audit
    .command('key')
    .description('print the public key that the audit logs of this server are verified with')
    .addHelpText('before', examples)
    .addOption(
      logOption(
        'log whose name the key bears, such as 2026 (default: the name that all logs of this server have in common)'
      )
    )
    .action(({ log }: { log?: string }, command: Command) =>
      inSession(command, terminal, async (session) => session.terminal.out(`${await keyFor(session, log)}\n`))
    )
}

const keyFor = async (session: Session, log: string | undefined): Promise<string> => {
  requireAuditHost(session, 'key')
  const { key, items } = await session.client.listAuditLogs()
  if (log === undefined) return key
  const found = items.find(({ name }) => name === log)
  if (found === undefined)
    throw new CommandEnd(exitCodes.notFound, `there is no audit log ${log}`, 'joinery status names the newest')
  const named = keyOfLog(await readAuditKey(key), statedOrigin(found.checkpoint))
  if (named === undefined)
    throw new CommandEnd(
      exitCodes.failure,
      `the log ${log} was signed by an earlier key of this server`,
      'use the key that was kept then'
    )
  return named
}
