import { requireHost } from '../session/require-host.ts'
import type { Session } from '../session/session.ts'

/** Throws if the command goes over the cluster: the API server's own audit log has what Kubernetes users did. */
export const requireAuditHost = ({ client }: Pick<Session, 'client'>, command: string): void =>
  requireHost(client, {
    what: "read the pairing server's audit log (that of the API server has who read and decided there)",
    command: `joinery audit ${command}`,
    host: 'on the host of the pairing server'
  })
