import { connectionProblem, errorCode } from '@joinery/host/connection-problem'
import { given } from '@joinery/protocol/given'
import { request } from 'undici'
import { dateIn, nodeUrl, withConnection } from '../kubeadm/with-connection.ts'
import type { ApiAnswer, BootstrapCredential, WayToApi } from '../port/recovering.ts'

/** Asks an API server for the Node of that name. Without a certificate it is asked as anybody. Never rejects. */
export type AskApi = (way: WayToApi, nodeName: string, as?: BootstrapCredential) => Promise<ApiAnswer>

export const askApi: AskApi = async ({ server, ca }, nodeName, as) => {
  const trust = { ca, ...(as && { cert: as.certificate, key: as.key }) }
  try {
    return await withConnection(trust, async (dispatcher) => {
      const { statusCode, headers, body } = await request(nodeUrl(server, nodeName), { dispatcher })
      await body.dump()
      return { answer: 'http', status: statusCode, ...given({ date: dateIn(headers) }) }
    })
  } catch (error) {
    if (ofAnotherAuthority.has(errorCode(error))) return { answer: 'untrusted' }
    return { answer: 'none', why: connectionProblem(error) }
  }
}

/**
 * Errors of a TLS connection whose certificate the CA did not sign. A certificate that is over, or not valid yet, is
 * none of these: it says more of this machine's clock.
 */
const ofAnotherAuthority: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE'
])
