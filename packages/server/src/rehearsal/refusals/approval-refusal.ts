import {
  kubeletSigner,
  nodesGroup,
  ownCsrPrefix,
  serverUsername,
  servingSigner,
  tokenGroups
} from '@joinery/kube/names'
import type { Csr } from '../../core/ports/cluster/cluster.ts'

/** True if the server made the CSR, and its name is one that the server gives its own CSRs. */
export const isOwn = ({ username, name }: Csr): boolean => username === serverUsername && name.startsWith(ownCsrPrefix)

/**
 * Reason for which the admission policy `joinery-csr-approvals` refuses the server its approval. Undefined if the
 * policy allows it.
 */
export const approvalRefusal = (csr: Csr): string | undefined =>
  csr.signer === servingSigner ? servingRefusal(csr) : clientRefusal(csr)

/**
 * Reason for which the policy refuses the server its denial: the server may deny only requests by its own tokens.
 * Undefined if the policy allows it.
 */
export const denialRefusal = (csr: Csr): string | undefined =>
  csr.signer === kubeletSigner && isByToken(csr)
    ? undefined
    : 'admission: Joinery denies requests by its own bootstrap tokens only'

const isByToken = ({ username, groups }: Csr): boolean =>
  username.startsWith('system:bootstrap:') && groups.some((group) => tokenGroups.includes(group))

const clientRefusal = (csr: Csr): string | undefined => {
  if (!csr.groups.some((group) => tokenGroups.includes(group)) && !isOwn(csr)) {
    return 'admission: Joinery approves requests by its own bootstrap tokens, and its own'
  }
  return areWithin(csr.usages, ['digital signature', 'key encipherment', 'client auth'])
    ? undefined
    : 'admission: Joinery approves client certificates only'
}

const servingRefusal = ({ username, groups, usages }: Csr): string | undefined => {
  const isNode = /^system:node:[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(username) && groups.includes(nodesGroup)
  if (!isNode || !areWithin(groups, [nodesGroup, 'system:authenticated'])) {
    return 'admission: Joinery approves serving certificates of nodes only'
  }
  return usages.includes('server auth') && areWithin(usages, ['digital signature', 'key encipherment', 'server auth'])
    ? undefined
    : 'admission: Joinery approves serving certificates that are for nothing else'
}

const areWithin = (some: readonly string[], allowed: readonly string[]): boolean =>
  some.every((one) => allowed.includes(one))
