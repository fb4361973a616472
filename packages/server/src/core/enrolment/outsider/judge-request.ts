import { nodeUsername, serverUsername } from '@joinery/kube/names'
import type { Csr } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { tokenIdOf } from '../csr/csr-guard.ts'
import { isTurnedAway, nodeOwnerOf } from '../name/whose-name.ts'

/**
 * - outside: somebody got a certificate for this name by a credential that is not Joinery's
 * - returns: somebody asks for a certificate for a name that was turned away before
 * - leave: an enrolment accounts for the request, the request got nothing, or a Node renews its own certificate
 */
export type RequestVerdict = 'outside' | 'returns' | 'leave'

/**
 * Judges a request for the kubelet's certificate of a name. It is a tripwire: nothing is done about the request. `named`: the
 * enrolments of that name in order of creation. `tokenIds`: ids of all tokens of Joinery.
 */
export const judgeRequest = (
  csr: Csr,
  name: string,
  named: readonly EnrolmentDocument[],
  tokenIds: ReadonlySet<string>
): RequestVerdict => {
  if (csr.denied || csr.username === serverUsername || isByToken(csr, named, tokenIds)) return 'leave'
  const { former } = nodeOwnerOf(named)
  if (isTurnedAway(former) && csr.created > new Date(former.since)) return 'returns'
  if (csr.username === nodeUsername(name)) return 'leave'
  return csr.approved || csr.certificate !== undefined ? 'outside' : 'leave'
}

/** True if a token of ours made the request: the guard of its attempt judges it. */
const isByToken = ({ username }: Csr, named: readonly EnrolmentDocument[], tokenIds: ReadonlySet<string>): boolean => {
  const tokenId = tokenIdOf(username)
  if (tokenId === undefined) return false
  return tokenIds.has(tokenId) || named.some(({ attempts }) => attempts.some((attempt) => attempt.tokenId === tokenId))
}
