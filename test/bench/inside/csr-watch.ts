import { createInterface } from 'node:readline'
import type { ApiAccess, ApiIdentity } from '@joinery/testing/cluster/world/api-client'
import { Agent, request } from 'undici'

export const csrsPath = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

export interface SeenCsr {
  metadata: { name: string }
  spec: { groups: string[] }
  status: { conditions?: { type: string }[]; certificate?: string }
}

export const isApproved = ({ status }: SeenCsr): boolean =>
  status.conditions?.some(({ type }) => type === 'Approved') ?? false

/** Watches CSRs until the process ends, those that are there already too; resolves when the watch has begun. */
export const watchCsrs = async (
  { server, certificateAuthority: ca }: ApiAccess,
  identity: Extract<ApiIdentity, { key: string }>,
  seen: (csr: SeenCsr) => void
): Promise<void> => {
  const connect = { ca, cert: identity.certificate, key: identity.key }
  // it may be silent for long
  const dispatcher = new Agent({ connect, bodyTimeout: 0 })
  const { body } = await request(new URL(`${csrsPath}?watch=1`, server), { dispatcher })
  createInterface({ input: body }).on('line', (line) => seen((JSON.parse(line) as { object: SeenCsr }).object))
}
