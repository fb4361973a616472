import { ProblemError } from '@joinery/protocol'
import type { Csrs } from '../ports/cluster/csrs.ts'

/** Resolves after so many milliseconds. */
export type Sleep = (milliseconds: number) => Promise<unknown>

/**
 * Pauses between the looks, in milliseconds, ten seconds in all. A signer takes some ten milliseconds, and the agent asks
 * again.
 */
export const pauses = [25, 50, 100, ...Array.from({ length: 49 }, () => 200)] as const

/** The certificate of the server's own CSR, which is approved. Throws `certificate-not-issued` if none comes. */
export const awaitIssued = async (name: string, cluster: Pick<Csrs, 'ownCsr'>, sleep: Sleep): Promise<string> => {
  for (const pause of pauses) {
    const csr = await cluster.ownCsr(name)
    if (csr === undefined)
      throw new ProblemError('illegal-event', { detail: `the CSR ${name} is gone: its attempt is over` })
    if (csr.certificate !== undefined) return csr.certificate
    await sleep(pause)
  }
  throw new ProblemError('certificate-not-issued', {
    detail: `the CSR ${name} was approved, and within 10 s no certificate was issued: with an external CA (no ca.key) kube-controller-manager issues none`,
    remedy: `kubectl describe csr ${name}; and see --cluster-signing-cert-file and --cluster-signing-key-file of kube-controller-manager`
  })
}
