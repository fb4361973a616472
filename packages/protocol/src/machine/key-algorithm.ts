/**
 * The kinds of keys that a kubelet can be told to make, by the names of its configuration: `clientCertificateKeyAlgorithm` and
 * `serverCertificateKeyAlgorithm` (`CertificateKeyAlgorithmType` of k8s.io/kubelet, since 1.38).
 */
export const keyAlgorithms = [
  'ECDSA-P256',
  'ECDSA-P384',
  'RSA-2048',
  'RSA-3072',
  'RSA-4096',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87'
] as const
export type KeyAlgorithm = (typeof keyAlgorithms)[number]

/** A kubelet makes such a key if its configuration says nothing, and every kubelet before 1.38 does. */
export const usualKeyAlgorithm: KeyAlgorithm = 'ECDSA-P256'

/** Signature by a key: its object identifier, and the hash that is signed. Null: what is signed is not hashed before (RFC 9882). */
interface Signature {
  oid: string
  hash: 'sha256' | 'sha384' | 'sha512' | null
}

/** Signatures of PKCS#10 requests by a key of each kind, as client-go makes them (`MakeCSRFromTemplate`). */
export const signatures: Readonly<Record<KeyAlgorithm, Signature>> = {
  'ECDSA-P256': { oid: '1.2.840.10045.4.3.2', hash: 'sha256' },
  'ECDSA-P384': { oid: '1.2.840.10045.4.3.3', hash: 'sha384' },
  'RSA-2048': { oid: '1.2.840.113549.1.1.11', hash: 'sha256' },
  'RSA-3072': { oid: '1.2.840.113549.1.1.12', hash: 'sha384' },
  'RSA-4096': { oid: '1.2.840.113549.1.1.13', hash: 'sha512' },
  'ML-DSA-44': { oid: '2.16.840.1.101.3.4.3.17', hash: null },
  'ML-DSA-65': { oid: '2.16.840.1.101.3.4.3.18', hash: null },
  'ML-DSA-87': { oid: '2.16.840.1.101.3.4.3.19', hash: null }
}
