import type { Pieces } from './signed-request.ts'

/** A request that is not quite what a kubelet asks for, or not quite as a kubelet writes it. Its signature is good. */
export interface BentRequest {
  what: string
  pem: string
  /** True for `kubernetes.io/kubelet-serving`. If absent, the request is for a client certificate. */
  serving?: true
  /** True if the bend changes nothing, and the guard grants the request. */
  granted?: true
}

/** A bent request by its pieces: they are put together, bent, and then signed. */
export interface BentPieces extends Omit<BentRequest, 'pem'> {
  pieces: Pieces
}
