import { randomBytes } from 'node:crypto'
import { ownCsrPrefix, workerGroup } from '@joinery/kube/names'
import type { BootstrapToken, Csr, UnguardedCluster } from '@joinery/server/testing/cluster'
import type { Test } from 'tap'
import { eventually } from '../clocks/eventually.ts'
import {
  type CertificateHolder,
  type ClusterWorld,
  type CsrSubmission,
  kubeletUsages,
  Refusal
} from './world/cluster-world.ts'
import { type KubeletRequest, kubeletRequest, type OddSubject } from './world/kubelet-request.ts'

export interface OpenCluster {
  cluster: UnguardedCluster
  world: ClusterWorld
  /** True if the cluster was set up for `servingCertificates: approve`. */
  serving?: boolean
  /** True if the cluster was set up for `diagnosis: on`. */
  diagnosis?: boolean
  close(): Promise<void>
}

/** A name that no other test or run uses: the cluster may be shared. */
export const unique = (kind: string): string => `contract-${kind}-${randomBytes(4).toString('hex')}`

/** The refusal that an attempt meets. Undefined if it is allowed. */
export const refusal = async (attempt: () => Promise<unknown>): Promise<Refusal | undefined> => {
  try {
    await attempt()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** Makes a token of workers, good for ten minutes, and deletes it after the test. */
export const makeToken = async (
  t: Test,
  { cluster }: OpenCluster,
  differs: Partial<BootstrapToken> = {}
): Promise<BootstrapToken> => {
  const token = {
    id: randomBytes(3).toString('hex'),
    secret: randomBytes(8).toString('hex'),
    group: workerGroup,
    expires: new Date(Date.now() + 600_000),
    description: t.name,
    ...differs
  }
  t.teardown(() => cluster.deleteToken(token.id))
  await cluster.createToken(token)
  return token
}

/** Asks for a certificate with the token, and deletes the CSR after the test. */
export const submit = async (t: Test, { world }: OpenCluster, submission: CsrSubmission): Promise<string> => {
  const name = await world.submitCsr(submission)
  t.teardown(() => world.deleteCsr(name))
  return name
}

/** Asks for a certificate with a new token, as soon as the API server knows the token. */
export const submitWithNew = (
  t: Test,
  open: OpenCluster,
  submission: Extract<CsrSubmission, { token: object }>
): Promise<string> =>
  eventually(`token ${submission.token.id} is let in`, async () => {
    try {
      return await submit(t, open, submission)
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return undefined
      throw error
    }
  })

/** Makes a pending CSR with a token of its own, as a kubelet of that name makes it, except for what is odd. */
export const pendingCsr = async (
  t: Test,
  open: OpenCluster,
  node: string,
  { usages = kubeletUsages, ...odd }: OddSubject & { usages?: string[] } = {}
): Promise<Csr & KubeletRequest> => {
  const token = await makeToken(t, open)
  const { request, key } = await kubeletRequest(node, odd)
  const name = await submitWithNew(t, open, { token, request, usages })
  return { key, ...(await seenCsr(open, name)) }
}

/** Reads the CSR as the port shows it. */
export const seenCsr = ({ cluster }: OpenCluster, name: string): Promise<Csr> =>
  eventually(`the port shows the CSR ${name}`, async () =>
    (await cluster.kubeletCsrs()).find((csr) => csr.name === name)
  )

/** Waits for the certificate that the signer issues for an approved CSR. */
export const issued = ({ cluster }: OpenCluster, name: string): Promise<string> =>
  eventually(
    `the certificate of CSR ${name}`,
    async () => (await cluster.kubeletCsrs()).find((csr) => csr.name === name)?.certificate
  )

/** Certificate and key of a kubelet of that name, after an approved CSR. */
export const kubeletIdentity = async (
  t: Test,
  open: OpenCluster,
  node: string
): Promise<{ certificate: string; key: string }> => {
  const csr = await pendingCsr(t, open, node)
  await open.cluster.approveCsr(csr)
  return { certificate: await issued(open, csr.name), key: csr.key }
}

/**
 * Makes a pending CSR of the server's own, as the server makes one for the machine of that name. Returns the machine's
 * key, too.
 */
export const ownCsr = async (t: Test, { cluster, world }: OpenCluster, node: string): Promise<Csr & KubeletRequest> => {
  const name = `${ownCsrPrefix}${unique('own')}`
  const { request, key } = await kubeletRequest(node)
  t.teardown(() => world.deleteCsr(name))
  return { key, ...(await cluster.createOwnCsr({ name, request })) }
}

/** Waits for the certificate that the signer issues for an approved CSR of the server's own. */
export const ownCertificate = ({ cluster }: OpenCluster, name: string): Promise<string> =>
  eventually(`the certificate of ${name}`, async () => (await cluster.ownCsr(name))?.certificate)

/** Certificate of one attempt for a machine of that name in certificate mode, with its key. */
export const attemptCertificate = async (t: Test, open: OpenCluster, node: string): Promise<CertificateHolder> => {
  const csr = await ownCsr(t, open, node)
  await open.cluster.approveCsr(csr)
  return { certificate: await ownCertificate(open, csr.name), key: csr.key }
}
