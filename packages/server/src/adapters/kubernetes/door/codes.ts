import type { connectionTo } from '@joinery/kube'
import { codePolicy } from '@joinery/kube/names'
import type { CodeStatusView } from '@joinery/protocol/door'
import type { Codes, SeenCode } from '../../../core/ports/objects/codes.ts'
import { codeProbes } from '../probes/door-probes.ts'
import { kubernetesAsked } from './asked-objects.ts'

/** The Codes of a real cluster. */
export const kubernetesCodes = (cluster: ReturnType<typeof connectionTo>): Codes =>
  kubernetesAsked<SeenCode, CodeStatusView>(cluster, {
    kind: 'Code',
    plural: 'codes',
    policy: codePolicy,
    probes: codeProbes,
    seen: (object, status) => ({ ...object, status: status ?? undefined }),
    // a new one must be read and a deleted one revoked; the server's own writes of status are no news to it
    isNews: ({ status }, phase) => phase === 'DELETED' || typeof status !== 'object' || status === null
  })
