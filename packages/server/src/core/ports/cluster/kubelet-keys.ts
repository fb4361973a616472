import type { KeyObject } from 'node:crypto'
import { type KeyAlgorithm, type KubeletFacts, keyAlgorithms, usualKeyAlgorithm as usual } from '@joinery/protocol'

/** The kinds of keys that the cluster's kubelets make by their configuration. */
export interface KubeletKeys {
  client: KeyAlgorithm
  serving: KeyAlgorithm
}

/** kubeletKeys gives the kinds that kubelet-config asks for. What it does not say is a kubelet's default. */
export const kubeletKeys = (facts: KubeletFacts = {}): KubeletKeys => ({
  client: facts.clientCertificateKeyAlgorithm ?? usual,
  serving: facts.serverCertificateKeyAlgorithm ?? usual
})

/** usualKeys are those of a cluster that asks for nothing else. */
export const usualKeys: KubeletKeys = kubeletKeys()

/** algorithmOf names the kind of a key, if a kubelet can be told to make such a one. */
export const algorithmOf = (key: KeyObject): KeyAlgorithm | undefined => {
  const kind = kindOf(key)
  return keyAlgorithms.find((algorithm) => algorithm === kind)
}

/** True of a key that every kubelet may make: one that is older than the setting does not heed it. */
export const isUsual = (key: KeyObject): boolean => kindOf(key) === usual

/**
 * kindFault says of a key that no kubelet of this cluster makes such a one. Undefined if one does: by `field` of kubelet-config, which
 * asks for `algorithm`, or as every kubelet may.
 */
export const kindFault = (
  key: KeyObject,
  algorithm: KeyAlgorithm,
  field: `${'client' | 'server'}CertificateKeyAlgorithm`
): string | undefined => {
  const kind = kindOf(key)
  if (kind === algorithm || kind === usual) return undefined
  return `its key is ${kind}, and kubelets of this cluster make ${algorithm} (${field} in ConfigMap kube-system/kubelet-config)`
}

/**
 * True if the key is strong, whatever made it: RSA of 2048 bits or more, the curves of NIST from P-256, those of Edwards, and ML-DSA. No
 * kubelet of any version makes a weaker one.
 */
export const isStrong = (key: KeyObject): boolean => {
  const { asymmetricKeyType: type, asymmetricKeyDetails } = key
  if (type === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  return type === 'ec' ? kindOf(key) !== '' : /^(ed25519|ed448|ml-dsa-\d+)$/.test(type ?? '')
}

/** True of a key that can only sign (RFC 9881): the API server refuses a request by it that asks for encipherment. */
export const isMlDsa = ({ asymmetricKeyType }: KeyObject): boolean => asymmetricKeyType?.startsWith('ml-dsa-') === true

/** Kind of a strong key, by the kubelet's name for it if there is one. */
const kindOf = ({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string => {
  switch (type) {
    case 'rsa':
      return `RSA-${asymmetricKeyDetails?.modulusLength}`
    case 'ec':
      return curves[asymmetricKeyDetails?.namedCurve ?? ''] ?? ''
    default:
      return type?.toUpperCase() ?? ''
  }
}

/** The strong curves by OpenSSL's names for them. */
const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ECDSA-P256',
  secp384r1: 'ECDSA-P384',
  secp521r1: 'ECDSA-P521'
}
