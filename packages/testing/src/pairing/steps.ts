import { type CodeRequest, joiningLabel, type Labels, type TokenCredential } from '@joinery/protocol'
import { eventually } from '../clocks/eventually.ts'
import { kubeletRequest } from '../cluster/world/kubelet-request.ts'
import type { Pairing } from './pairing.ts'
import type { TestMachine } from './test-machine.ts'

/** Approves the revision that the operator sees now. */
export const approve = async ({ operator }: Pairing, reference: string) => {
  const { revision, key } = await operator.show(reference)
  return operator.approve(reference, { revision, key })
}

/** Retries the revision that the operator sees now. */
export const retry = async ({ operator }: Pairing, reference: string) => {
  const { revision, key } = await operator.show(reference)
  return operator.retry(reference, { revision, key })
}

/** Claims the credential of a code that gives a token. */
export const claimToken = async ({
  server
}: {
  server: Pick<TestMachine['server'], 'claim'>
}): Promise<TokenCredential> => {
  const credential = await server.claim()
  if ('token' in credential) return credential
  throw new Error('it is a certificate')
}

/** A machine that came with a code for that name, and waits for its approval. `more`: what the code also says. */
export const enrolled = async (
  pairing: Pairing,
  name = 'worker-1',
  more: Omit<CodeRequest, 'name' | 'ttl'> = {}
): Promise<TestMachine> => {
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name, undefined, more)).code)
  return machine
}

/** A machine that was approved. */
export const approved = async (pairing: Pairing, name = 'worker-1'): Promise<TestMachine> => {
  const machine = await enrolled(pairing, name)
  await approve(pairing, name)
  return machine
}

/** An approved machine, with the token of its claim. */
export const claimed = async (
  pairing: Pairing,
  name = 'worker-1'
): Promise<{ machine: TestMachine; token: string }> => {
  const machine = await approved(pairing, name)
  return { machine, token: (await claimToken(machine)).token }
}

/**
 * Does what kubeadm and the kubelet do with a credential, up to the CSR. Returns the CSR's name and the kubelet's key.
 */
export const askForCertificate = async ({ cluster }: Pairing, token: string, nodeName: string) => {
  const [id = '', secret = ''] = token.split('.')
  const { request, key } = await kubeletRequest(nodeName)
  return { csr: await cluster.submitCsr({ token: { id, secret }, request }), key }
}

/**
 * Does the rest of a join: the certificate is there, and the kubelet registers its Node as the agent had kubeadm
 * configure it. Returns the certificate.
 */
export const register = async (
  pairing: Pairing,
  machine: TestMachine,
  name: string,
  csr: string,
  key: string,
  labels: Labels = { [joiningLabel]: '' }
) => {
  const issued = async () => (await pairing.cluster.csr(csr))?.certificate
  const certificate = await eventually(`the certificate of ${csr}`, issued)
  const { machineId, addresses } = machine.facts
  await pairing.cluster.registerNode({ name, certificate, key, machineId, systemUuid: machineId, addresses, labels })
  return certificate
}

/** A machine whose CSR is approved. Its kubelet has not registered yet. */
export const withApprovedCsr = async (pairing: Pairing, machine: TestMachine, name: string) => {
  const { token } = await claimToken(machine)
  const request = await askForCertificate(pairing, token, name)
  await pairing.reconcile()
  return request
}

/** Problem code that refuses a call. Undefined if the call is allowed. */
export const refusedWith = async (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: { code?: string; problem?: { code: string } }) => error.code ?? error.problem?.code ?? String(error)
  )

/**
 * Has no kubelet of this machine get a certificate before its first attempt has failed. Otherwise a kubelet may be quicker than its
 * agent, and need no other attempt.
 */
export const approveAfterFailure = (pairing: Pairing, name: string): void => {
  const { cluster, operator } = pairing
  const approveCsr = cluster.approveCsr.bind(cluster)
  cluster.approveCsr = async (csr) => {
    const { attempts } = await operator.show(name)
    if (attempts.length < 2) throw new Error('not in the first attempt')
    return approveCsr(csr)
  }
}
