import type { LeadershipStatus, LogStatus, ServerStatus } from '@joinery/protocol'

export interface Shared {
  servers: readonly ServerStatus[]
  leadership: LeadershipStatus | undefined
  log?: LogStatus | undefined
}

/** One sentence with a command for each thing that is wrong with what the servers of an installation share. */
export const sharedRemedies = ({ servers, leadership, log }: Shared): string[] => [
  ...servers
    .filter(({ state }) => state === 'away')
    .map(
      ({ url }) =>
        `Nothing was heard of the server at ${url}; see how it is, on its host: systemctl status joinery-server`
    ),
  ...(leadership?.trouble === undefined
    ? []
    : [
        `${leadership.isActive ? 'The Lease of this server cannot be renewed' : 'This server stands by, and could not take over'} (${leadership.trouble}); see why: journalctl --unit joinery-server`
      ]),
  ...(log?.unavailable === undefined
    ? []
    : [
        `Nothing can be written to the log in etcd (${log.unavailable.why}); see how it is: kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz?verbose`
      ])
]
