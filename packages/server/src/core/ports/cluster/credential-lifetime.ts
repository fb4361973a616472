/** Lifetime of the server's own token for the cluster, by the cluster's clock. */
export interface CredentialLifetime {
  issued: Date
  expires: Date
}
