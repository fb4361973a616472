import type { KubeletCertificate } from '@joinery/protocol'

/** One try to join. Either `tokenId` or `credentialCsr` names its credential. */
export interface AttemptDocument {
  number: number
  tokenId?: string
  /** Id of the master key that the token's secret follows from. Absent: the first one. */
  masterKey?: string
  /** Name of the CSR that the server makes for the join key. */
  credentialCsr?: string
  /**
   * The certificate that was issued for `credentialCsr`. `since`: when the API server's clock says that the CSR was made.
   * `digest`: SHA-256 of its DER, in hex.
   */
  issued?: { serial: string; since: string; digest?: string }
  /** True if it is not a join, but brings a machine back that lost its kubelet's certificate. */
  recovery?: true
  /**
   * Time of the claim by the clock of this host. It is corrected, as `deadline` is, if somebody sets that clock while the
   * attempt is open.
   */
  claimed: string
  deadline: string
  /** The deadline by the clock of the cluster, which judges the credential. If absent (older attempts), `deadline` is it. */
  expires?: string
  stage?: string
  /** The one CSR that this attempt's token is granted. */
  csr?: { name: string; uid: string }
  /** Key and serial of the certificate that was issued for `csr`. */
  certificate?: KubeletCertificate
  /** Expiry of the kubelet's certificate that was issued last. The kubelet renews it by itself later on. */
  certificateExpires?: string
  /** CSRs by the node that the certificate speaks for: the cluster approves them by itself. */
  kubeletCsrs?: KubeletCsr[]
  /** Uids of CSRs by this credential that were seen and not approved. */
  refusedCsrs: string[]
  failure?: string
  /** `server` if the server ended the attempt. If absent, the failure is as the machine reports it. */
  failedBy?: 'server'
  /** The kubelet's certificate that the machine held when the attempt had failed. */
  held?: KubeletCertificate
  /** True if an alert said that the machine does not hold the certificate that was issued. */
  lostCertificate?: true
  /**
   * True if the agent said that it closed the attempt. It says so only if nothing of the attempt runs on its machine any more.
   */
  closed?: true
  /** True if the Secret is gone and cannot come back. */
  tokenDeleted?: boolean
  /** True if `credentialCsr` is gone and cannot come back. */
  csrDeleted?: boolean
}

export interface KubeletCsr {
  name: string
  uid: string
  /** Fingerprint of the key that it is for. */
  key: string
  /** Serial of the certificate, once it is issued. */
  serial?: string
}
