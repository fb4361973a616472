const words: Record<string, string> = {
  ECONNREFUSED: 'refuses the connection: nothing listens there, or a firewall rejects it',
  ECONNRESET: 'closes the connection at once',
  ETIMEDOUT: 'does not answer: a firewall drops it, or nothing has that address',
  UND_ERR_CONNECT_TIMEOUT: 'does not answer: a firewall drops it, or nothing has that address',
  UND_ERR_HEADERS_TIMEOUT: 'takes the connection and does not answer',
  EHOSTUNREACH: 'cannot be reached: no machine answers at that address',
  ENETUNREACH: 'cannot be reached: this machine has no route there',
  ENOTFOUND: 'has a name that DNS does not know',
  EAI_AGAIN: 'has a name, and no DNS server answers',
  CERT_HAS_EXPIRED: 'shows an expired certificate, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet: the clock of this machine is wrong',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'shows a certificate that the cluster CA did not sign',
  SELF_SIGNED_CERT_IN_CHAIN: 'shows a certificate that the cluster CA did not sign',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a certificate that the cluster CA did not sign'
}

/** The code of an error from the system, TLS or undici. Empty if the error has none. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The problem of a connection, as the end of a sentence that begins with the peer: "10.0.0.1:6443 ...". */
export const connectionProblem = (error: unknown): string =>
  words[errorCode(error)] ?? `cannot be used: ${error instanceof Error ? error.message : String(error)}`
