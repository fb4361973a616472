import type { Pieces } from './signed-request.ts'

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
