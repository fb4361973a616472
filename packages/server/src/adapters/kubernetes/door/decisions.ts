import type { connectionTo } from '@joinery/kube'
import { decisionPolicy } from '@joinery/kube/names'
import type { DecisionStatus } from '@joinery/protocol/door'
import type { Decisions, SeenDecision } from '../../../core/ports/objects/decisions.ts'
import { decisionProbes } from '../probes/door-probes.ts'
import { kubernetesAsked } from './asked-objects.ts'

/** The Decisions of a real cluster. */
export const kubernetesDecisions = (cluster: ReturnType<typeof connectionTo>): Decisions =>
  kubernetesAsked<SeenDecision, DecisionStatus>(cluster, {
    kind: 'Decision',
    plural: 'decisions',
    policy: decisionPolicy,
    probes: decisionProbes,
    seen: (object, status) => ({ ...object, isSettled: isSettled(status) }),
    // the server's own writes of status are no news to it
    isNews: ({ status }) => !isSettled(status)
  })

const isSettled = (status: unknown): boolean =>
  typeof (status as { result?: unknown } | null | undefined)?.result === 'string'
