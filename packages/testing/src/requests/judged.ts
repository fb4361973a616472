import { kubeletSigner, nodesGroup, nodeUsername, servingSigner, workerGroup } from '@joinery/kube/names.ts'
import type { ClusterNode, Csr } from '@joinery/server/cluster/cluster.ts'
import { kubeletUsages, servingUsages } from '@joinery/server/cluster/rehearsal/cluster-world.ts'
import { judgeCsr } from '@joinery/server/enrolment/csr/csr-guard.ts'
import { judgeServingCsr } from '@joinery/server/enrolment/serving/serving-csr-guard.ts'
import type { AttemptDocument, EnrolmentDocument } from '@joinery/server/store/store.ts'
import type { BentRequest } from './bent-request.ts'

const now = new Date('2026-01-01T00:05:00Z')
const attempt: AttemptDocument = {
  number: 1,
  tokenId: 'abc123',
  claimed: '2026-01-01T00:00:00Z',
  deadline: '2026-01-01T00:10:00Z',
  refusedCsrs: []
}
const around = { holders: new Map(), apiHosts: [], clusterNetworks: [] }

/** Whether the guards grant it to the machine of that name, at 10.0.0.7, that does everything else as it should. */
export const isGranted = ({ pem, serving }: BentRequest, name: string): boolean => {
  const facts = { machineId: 'm1', productUuid: '' }
  const enrolment = { id: 'e1', name, role: 'worker', address: '10.0.0.7', facts, attempts: [attempt] }
  const node = { name, uid: 'n1', created: now, machineId: 'm1', systemUuid: 'm1' } as ClusterNode
  const csr = { name: 'csr-1', uid: 'u1', created: now, request: pem, approved: false, denied: false }
  const as = (part: object) => ({ ...enrolment, ...part }) as unknown as EnrolmentDocument
  if (serving) {
    const groups = [nodesGroup, 'system:authenticated']
    const asked: Csr = { ...csr, username: nodeUsername(name), groups, usages: servingUsages, signer: servingSigner }
    return judgeServingCsr(asked, as({ state: 'ready', node: { uid: 'n1' } }), node, around) === 'approve'
  }
  const groups = ['system:bootstrappers', workerGroup, 'system:authenticated']
  const asked: Csr = {
    ...csr,
    username: 'system:bootstrap:abc123',
    groups,
    usages: kubeletUsages,
    signer: kubeletSigner
  }
  return judgeCsr(asked, as({ state: 'joining' }), attempt, now) === 'approve'
}
