import { type LeadershipStatus, type LogStatus, rotationPart, type ServerStatus } from '@joinery/protocol'
import { exportThere, finishHere, takeHere } from '../../core/leadership/decide-rotation.ts'

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
  ...rotationRemedies(servers),
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

/** One sentence for each server that is there and has a step of a rotation before it. */
const rotationRemedies = (servers: readonly ServerStatus[]): string[] => {
  const parts = servers.map((server) => ({ ...server, part: rotationPart(server, servers) }))
  const isBegun = parts.some(({ part }) => part === 'serves')
  const source = parts.find(({ part }) => part !== 'lacks')?.url
  return parts
    .filter(({ state }) => state !== 'away')
    .flatMap(({ url, part }) => {
      if (part === 'lacks')
        return `The server at ${url} lacks a CA that another server has; on the host of ${source} ${exportThere}, then on its host, with that file, ${takeHere}`
      if (part === 'has' && isBegun)
        return `The server at ${url} has not put the next CA in place, and stands by; on its host ${finishHere}`
      return []
    })
}

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
