import 'reflect-metadata'
import {
  type JsonGeneralNames,
  PemConverter,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension
} from '@peculiar/x509'

export interface KubeletRequest {
  /** PEM of the PKCS#10 request. */
  request: string
  /** PEM (PKCS#8) of its P-256 key. */
  key: string
}

/** Parts of a request that a kubelet would not ask for. */
export interface OddSubject {
  commonName?: string
  organization?: string
  dnsName?: string
  /** Alternative names of any kind, in place of `dnsName`. */
  alternativeNames?: JsonGeneralNames
}

/** Makes a new key, and the certificate request that a kubelet of this name makes for it. */
export const kubeletRequest = async (nodeName: string, odd: OddSubject = {}): Promise<KubeletRequest> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const names = odd.alternativeNames ?? (odd.dnsName === undefined ? [] : [{ type: 'dns', value: odd.dnsName }])
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [odd.organization ?? 'system:nodes'] }, { CN: [odd.commonName ?? `system:node:${nodeName}`] }],
    extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
    signingAlgorithm: algorithm,
    keys
  })
  return {
    request: request.toString('pem'),
    key: PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  }
}

/** Makes the request of a kubelet to serve TLS at its name and these IP addresses. */
export const servingRequest = (nodeName: string, addresses: readonly string[], odd: OddSubject = {}) =>
  kubeletRequest(nodeName, {
    alternativeNames: [{ type: 'dns', value: nodeName }, ...addresses.map((value) => ({ type: 'ip' as const, value }))],
    ...odd
  })
