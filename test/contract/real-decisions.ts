import { connectionTo } from '@joinery/kube'
import type { DecisionStatus } from '@joinery/protocol/door'
import { kubernetesDecisions, type SeenDecision } from '@joinery/server/testing/kubernetes-door'
import type { OpenAsked } from './asked-contract.ts'
import { openRealAsked } from './real-asked.ts'

/** Decisions of a real cluster: the server's side by its own kubeconfig, the operators' side by the administrator's. */
export const openRealDecisions = async (
  adminFile: string,
  serverFile: string
): Promise<OpenAsked<SeenDecision, DecisionStatus>> => {
  const kind = { kind: 'Decision', plural: 'decisions', metadata: () => ({ generateName: 'contract-' }) } as const
  const opened = await openRealAsked<DecisionStatus>(adminFile, serverFile, kind)
  return { ...opened, objects: kubernetesDecisions(connectionTo(serverFile)) }
}
