/** The CSRs for certificates of kubelets, and the server's own. */
export interface Csrs {
  /** Every CSR for `kubeletSigner`. */
  kubeletCsrs(): Promise<Csr[]>

  /** Every CSR for `servingSigner`. */
  servingCsrs(): Promise<Csr[]>

  /** The CSR of that name. Undefined if there is none. */
  ownCsr(name: string): Promise<Csr | undefined>
}

export interface Csr {
  name: string
  uid: string
  created: Date
  username: string
  groups: string[]
  usages: string[]
  signer: string
  /**
   * Id of the credential by which the request came, as the API server names it: `X509SHA256=` and the SHA-256 of the
   * certificate's DER in hex. Absent if it came by a token.
   */
  credentialId?: string
  /** PEM of the PKCS#10 request. */
  request: string
  approved: boolean
  denied: boolean
  /** PEM, once issued. */
  certificate?: string
}
