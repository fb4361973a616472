import { tokenGroups } from '../../names.ts'
import type { Change } from '../change.ts'
import { anyToken, everybody, joineryGroups, kubeadmGroup, nodeclientRole } from '../groups.ts'
import type { Binding, ClusterSight } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, mendable, pass, wrong } from './check.ts'

/** A group of bootstrap tokens, and the reason for which the stock controller would approve a request of that group. */
export interface AutoApproval {
  group: string
  reason: string
}

/**
 * Check that the stock controller approves for no group of tokens. It never looks at the name: anybody for whom it
 * approves may become any node.
 */
export const autoApproval: ClusterCheck = {
  name: 'auto-approval',
  why: 'anybody who has such a token gets a certificate for any node name, and no person decides',
  async run(sight) {
    const bindings = await sight.bindings()
    const bound = bindings.flatMap(({ subjects }) => subjects.map(({ name }) => name))
    const given = (await sight.tokens()).flatMap(({ groups }) => groups)
    const groups = [...bound, ...given].filter((name) => name.startsWith(`${anyToken}:`))
    const asked = new Set([anyToken, ...tokenGroups, kubeadmGroup, ...groups])
    const answers = await Promise.all([...asked].map((group) => ask(sight, group)))
    return judgeAutoApproval(answers.flat(), bindings)
  }
}

/** Asks what the controller itself asks about a requester: pkg/controller/certificates/approver. */
const ask = async (sight: ClusterSight, group: string): Promise<AutoApproval[]> => {
  const reason = await sight.review({
    user: 'system:bootstrap:aaaaaa',
    groups: [...new Set([anyToken, group, everybody])],
    verb: 'create',
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    subresource: 'nodeclient'
  })
  return reason === undefined ? [] : [{ group, reason }]
}

const breaks =
  'kubeadm join by a token of kubeadm itself waits until somebody approves its request: kubectl certificate approve NAME'

export const judgeAutoApproval = (approvals: readonly AutoApproval[], bindings: readonly Binding[]): Finding => {
  if (approvals.length === 0) return pass('the stock controller approves no request by a bootstrap token')
  const finding = findingOf(approvals)
  const groups = approvals.map(({ group }) => group)
  const changes = bindings
    .filter(({ kind, role }) => kind === 'ClusterRoleBinding' && role.name === nodeclientRole)
    .filter(({ subjects }) => subjects.some(({ name }) => groups.includes(name) || name === everybody))
    .map((object): Change => ({ verb: 'delete', object, breaks }))
  if (changes.length > 0) return mendable('fail', finding, changes)
  return wrong(
    'fail',
    finding,
    comment('take the right to create certificatesigningrequests/nodeclient from them'),
    'kubectl get clusterrolebindings --output wide'
  )
}

const findingOf = (approvals: readonly AutoApproval[]): string => {
  const all = approvals.find(({ group }) => group === anyToken)
  if (all !== undefined) return `requests by any bootstrap token are approved, for any node name: ${all.reason}`
  const ours = approvals.filter(({ group }) => group.startsWith(joineryGroups))
  return listed(
    (ours.length > 0 ? ours : approvals).map(
      ({ group, reason }) => `requests by a token of ${group} are approved, for any node name: ${reason}`
    )
  )
}
