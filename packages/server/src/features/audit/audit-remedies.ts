import type { Status } from '@joinery/protocol'

/** One sentence with a command if leaves of the audit log wait. */
export const auditRemedies = (audit: Status['audit']): string[] =>
  audit?.trouble === undefined
    ? []
    : [
        `The audit log is not written, and ${audit.waiting} leaves wait in the store (${audit.trouble}); see: journalctl --unit joinery-server`
      ]
