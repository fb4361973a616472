import { bentAttributes } from './bent-attributes.ts'
import { bentEncodings } from './bent-encodings.ts'
import { bentSubjects } from './bent-subjects.ts'
import { bentTexts } from './bent-texts.ts'
import { type Pieces, pemOf, signedRequest } from './signed-request.ts'

/** A request that is not quite what a kubelet asks for, or not quite how it is written. Its signature is good. */
export interface BentRequest {
  what: string
  pem: string
  /** For `kubernetes.io/kubelet-serving`; absent: for a client certificate. */
  serving?: true
  /** Bent in a way that changes nothing: the guard grants it. */
  granted?: true
}

/** One of a kind, by its pieces: each is put together, bent, and then signed. */
export interface BentPieces extends Omit<BentRequest, 'pem'> {
  pieces: Pieces
}

/**
 * The same list each time but for the key: what somebody sends who may join as `node`, and wants to be `other`. What one parser
 * takes and another does not, and what two parsers may read differently.
 */
export const bentRequests = (node: string, other: string): BentRequest[] => [
  ...bentTexts(node, other),
  ...[...bentEncodings(node), ...bentSubjects(node, other), ...bentAttributes(node, other)].map(
    ({ pieces, ...bent }) => ({
      ...bent,
      pem: pemOf(signedRequest(node, pieces))
    })
  )
]
