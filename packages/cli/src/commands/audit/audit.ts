import type { Command } from 'commander'
import type { Terminal } from '../../terminal/terminal.ts'
import { addAuditExport } from './audit-export.ts'
import { addAuditFollow } from './audit-follow.ts'
import { addAuditKey } from './audit-key.ts'
import { addAuditList } from './audit-list.ts'
import { addAuditProve } from './audit-prove.ts'
import { addAuditVerify } from './audit-verify.ts'

const examples = `Examples:
  joinery audit list --since 24h                  decisions, credentials and outcomes of the last day
  joinery audit key > audit.pub                   the public key: keep it elsewhere
  joinery audit export --to /mnt/audit            a copy, which verifies without the server
  joinery audit verify --dir /mnt/audit --key audit.pub
  joinery audit prove --node worker-1             who let this machine in
`

/** Adds the commands for the audit log: what was decided, which credentials were given, and what came of it. */
export const addAudit = (program: Command, terminal: Terminal): void => {
  const audit = program
    .command('audit')
    .description('look at the audit log, copy it, and verify that nothing in it was changed')
    .addHelpText('before', examples)
  addAuditList(audit, terminal)
  addAuditFollow(audit, terminal)
  addAuditExport(audit, terminal)
  addAuditVerify(audit, terminal)
  addAuditProve(audit, terminal)
  addAuditKey(audit, terminal)
}
