import 'reflect-metadata'
import { kubeletSigner, nodesGroup, servingSigner } from '@joinery/kube/names'
import { SubjectAlternativeNameExtension } from '@peculiar/x509'
import type { Clock } from '../core/base/clock.ts'
import type { Csr } from '../core/ports/cluster/cluster.ts'
import { kubeletUsages, servingUsages } from './cluster-world.ts'
import { commonNameOf, requestIn } from './proofs.ts'
import { changeCsr, type State, type StoredCsr } from './state.ts'
import { wholeSeconds } from './whole-seconds.ts'

export interface CertificateControllers {
  /** Records the approval. The certificate follows by itself. */
  approve(csr: StoredCsr): void
  /** Approves the requests that the stock controller may approve now. */
  autoApprove(): void
}

/**
 * The certificate controllers of kube-controller-manager: `csrapproving`, and the signers of kubelets' client and
 * serving certificates.
 */
export const certificateControllers = (state: State, clock: Clock): CertificateControllers => {
  const sign = async (csr: StoredCsr): Promise<void> => {
    const { signedInstead = csr.request } = state
    if (isKubeletClientRequest(csr)) {
      changeCsr(state, csr, { certificate: await state.ca.issue(signedInstead, clock.now(), csr.seconds) })
    } else if (isKubeletServingRequest(csr)) {
      changeCsr(state, csr, { certificate: await state.ca.issueServing(signedInstead, clock.now()) })
    } else changeCsr(state, csr, { failed: true })
  }
  const approve = (csr: StoredCsr): void => {
    changeCsr(state, csr, { approved: true, judged: wholeSeconds(clock.now()) })
    void sign(csr)
  }
  const autoApprove = (): void => {
    for (const csr of state.csrs.values()) {
      const mayAsk = (state.nodeclientBound && isBootstrapper(csr)) || asksForItself(csr)
      if (mayAsk && !csr.approved && !csr.denied && isKubeletClientRequest(csr)) approve(csr)
    }
  }
  return { approve, autoApprove }
}

/**
 * True if the request passes Kubernetes' own rule (ValidateKubeletClientCSR): subject, no alternative names, usages.
 */
const isKubeletClientRequest = ({ signer, request, usages }: Csr): boolean =>
  signer === kubeletSigner &&
  hasKubeletSubject(request) &&
  alternativeNames(request).length === 0 &&
  equal(without(usages, 'key encipherment'), kubeletUsages)

/**
 * True if the request passes Kubernetes' own rule for serving (ValidateKubeletServingCSR): alternative names, and only
 * hosts and addresses.
 */
const isKubeletServingRequest = ({ signer, request, usages }: Csr): boolean => {
  const types = alternativeNames(request).map(({ type }) => type)
  return (
    signer === servingSigner &&
    hasKubeletSubject(request) &&
    types.length > 0 &&
    types.every((type) => type === 'dns' || type === 'ip') &&
    equal(without(usages, 'key encipherment'), servingUsages)
  )
}

const hasKubeletSubject = (request: string): boolean => {
  const { subjectName } = requestIn(request)
  const [commonName = ''] = subjectName.getField('CN')
  return equal(subjectName.getField('O'), ['system:nodes']) && commonName.startsWith('system:node:')
}

const alternativeNames = (request: string): { type: string; value: string }[] =>
  requestIn(request).extensions.flatMap((extension) =>
    extension instanceof SubjectAlternativeNameExtension ? extension.names.items : []
  )

const isBootstrapper = ({ groups }: Csr): boolean => groups.includes('system:bootstrappers')

/**
 * True if a node asks for a certificate of its own name. kubeadm lets every node renew its own
 * (`kubeadm:node-autoapprove-certificate-rotation`).
 */
const asksForItself = ({ username, groups, request }: Csr): boolean =>
  groups.includes(nodesGroup) && commonNameOf(request) === username

const without = (list: string[], word: string): string[] => list.filter((item) => item !== word)
const equal = (some: string[], others: string[]): boolean =>
  some.length === others.length && others.every((item) => some.includes(item))
