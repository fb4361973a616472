import { day, second } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import 'reflect-metadata'
import { csrPolicy, nodesGroup, nodeUsername, ownCsrPrefix } from '@joinery/kube/names'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { ownCsrObject, refusalOfCsr } from '../csrs.ts'
import type { Probe } from './probe.ts'

/**
 * Probes of the policy for CSRs: the server may ask for a kubelet's client certificate of ten minutes, and for no
 * other.
 */
export const csrProbes = async (): Promise<Probe[]> => {
  const { spec, ...own } = ownCsrObject({ name: `${ownCsrPrefix}dry-run`, request: await anyRequest() })
  const probe = (what: string, differs: Partial<typeof spec>, refusedBy?: string): Probe => ({
    what,
    ...given({ refusedBy }),
    ask: (server) => refusalOfCsr(server, { ...own, spec: { ...spec, ...differs } })
  })
  return [
    probe('a certificate by another signer', { signerName: 'kubernetes.io/kube-apiserver-client' }, csrPolicy),
    probe('a client certificate that lives for a day', { expirationSeconds: day / second }, csrPolicy),
    probe('a client certificate for one attempt', {})
  ]
}

/** A certificate request by a key that nobody keeps. */
const anyRequest = async (): Promise<string> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [nodesGroup] }, { CN: [nodeUsername('joinery-dry-run')] }],
    signingAlgorithm: algorithm,
    keys: await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  })
  return request.toString('pem')
}
