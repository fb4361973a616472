import 'reflect-metadata'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import type { Clock } from '../../clock.ts'
import { type Csr, nodesGroup } from '../cluster.ts'
import { kubeletUsages } from './cluster-world.ts'
import { commonNameOf } from './proofs.ts'
import { announce, type State, type StoredCsr } from './state.ts'

export interface CertificateControllers {
  /** Records the approval; the certificate follows by itself. */
  approve(csr: StoredCsr): void
  /** Approves what the stock controller may approve now. */
  autoApprove(): void
}

/** The controller-manager's two: `csrapproving` and the signer of kubelets' client certificates. */
export const certificateControllers = (state: State, clock: Clock): CertificateControllers => {
  const sign = async (csr: StoredCsr): Promise<void> => {
    if (isKubeletClientRequest(csr)) csr.certificate = await state.ca.issue(csr.request, clock.now(), csr.seconds)
    else csr.failed = true
    announce(state)
  }
  const approve = (csr: StoredCsr): void => {
    csr.approved = true
    announce(state)
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

/** Kubernetes' own rule (ValidateKubeletClientCSR): subject, no alternative names, usages. */
const isKubeletClientRequest = ({ request, usages }: Csr): boolean => {
  const { subjectName, extensions } = new Pkcs10CertificateRequest(request)
  const [commonName = ''] = subjectName.getField('CN')
  const organizations = subjectName.getField('O')
  return (
    organizations.length === 1 &&
    organizations[0] === 'system:nodes' &&
    commonName.startsWith('system:node:') &&
    extensions.every(({ type }) => type !== subjectAltName) &&
    equal(without(usages, 'key encipherment'), kubeletUsages)
  )
}

const isBootstrapper = ({ groups }: Csr): boolean => groups.includes('system:bootstrappers')

/** kubeadm lets every node renew (`kubeadm:node-autoapprove-certificate-rotation`): only for its own name. */
const asksForItself = ({ username, groups, request }: Csr): boolean =>
  groups.includes(nodesGroup) && commonNameOf(request) === username

const subjectAltName = '2.5.29.17'
const without = (list: string[], word: string): string[] => list.filter((item) => item !== word)
const equal = (some: string[], others: string[]): boolean =>
  some.length === others.length && others.every((item) => some.includes(item))
