import { nodesGroup, nodeUsername, servingSigner } from '@joinery/kube/names'
import type { Csr } from '@joinery/server/testing/cluster'
import { judgeCsr, judgeServingCsr } from '@joinery/server/testing/enrolment'
import { kubeletUsages, servingUsages } from '../cluster/world/cluster-world.ts'
import { aCsr } from '../documents/csr.ts'
import { anAttempt, anEnrolment, type EnrolmentPart } from '../documents/enrolment.ts'
import { aNode } from '../documents/node.ts'
import type { BentRequest } from './bent-request.ts'

const now = new Date('2026-01-01T00:05:00Z')
const attempt = anAttempt('abc123')
const around = { holders: new Map(), apiHosts: [], clusterNetworks: [], algorithm: 'ECDSA-P256' as const }

/**
 * True if the guards grant the request to the machine of that name, at 10.0.0.7, that does everything else as it
 * should.
 */
export const isGranted = ({ pem, serving }: BentRequest, name: string): boolean => {
  const node = aNode(name, { uid: 'n1', created: now, systemUuid: 'm1' })
  const csr = aCsr('csr-1', { created: now, request: pem })
  const as = (part: EnrolmentPart) =>
    anEnrolment('e1', { name, address: '10.0.0.7', facts: { machineId: 'm1' }, join: { attempts: [attempt] } }, part)
  if (serving) {
    const groups = [nodesGroup, 'system:authenticated']
    const asked: Csr = { ...csr, username: nodeUsername(name), groups, usages: servingUsages, signer: servingSigner }
    return judgeServingCsr(asked, as({ state: 'ready', node: { uid: 'n1' } }), node, around) === 'approve'
  }
  return judgeCsr({ ...csr, usages: kubeletUsages }, as({ state: 'joining' }), attempt, 'ECDSA-P256', now) === 'approve'
}
