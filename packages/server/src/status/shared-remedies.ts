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
  ...refuserRemedies(log?.unavailable?.refuser ?? log?.behind?.refuser),
  ...(log?.unavailable === undefined || log.unavailable.refuser !== undefined
    ? []
    : [
        `Nothing can be written to the log in etcd (${log.unavailable.why}); see how it is: kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz?verbose`
      ])
]

/** A sentence about somebody's webhook or policy that refuses what this server writes to its log. */
const refuserRemedies = (refuser: NonNullable<LogStatus['unavailable']>['refuser']): string[] => {
  if (refuser === undefined) return []
  const { is, name } = refuser
  const kinds =
    is === 'policy'
      ? 'validatingadmissionpolicies,validatingadmissionpolicybindings'
      : 'validatingwebhookconfigurations,mutatingwebhookconfigurations'
  return [
    `The ${is} ${name}, which is not Joinery's, refuses what the server writes to its log; let it pass over log.joinery.dev: kubectl get ${kinds}`
  ]
}
