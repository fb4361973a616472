import 'reflect-metadata'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import type { Clock } from '../../clock.ts'
import type { Csr } from '../cluster.ts'
import { type AdminCsr, kubeletUsages } from './cluster-world.ts'
import { announce, type State } from './state.ts'

export interface CertificateControllers {
  /** Records the approval; the certificate follows by itself. */
  approve(csr: AdminCsr): void
  /** Approves what the stock controller may approve now. */
  autoApprove(): void
}

/** The controller-manager's two: `csrapproving` and the signer of kubelets' client certificates. */
export const certificateControllers = (state: State, clock: Clock): CertificateControllers => {
  const sign = async (csr: AdminCsr): Promise<void> => {
    if (isKubeletClientRequest(csr)) csr.certificate = await state.ca.issue(csr.request, clock.now())
    else csr.failed = true
    announce(state)
  }
  const approve = (csr: AdminCsr): void => {
    csr.approved = true
    announce(state)
    void sign(csr)
  }
  const autoApprove = (): void => {
    if (!state.nodeclientBound) return
    for (const csr of state.csrs.values()) {
      if (!csr.approved && !csr.denied && isKubeletClientRequest(csr)) approve(csr)
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

const subjectAltName = '2.5.29.17'
const without = (list: string[], word: string): string[] => list.filter((item) => item !== word)
const equal = (some: string[], others: string[]): boolean =>
  some.length === others.length && others.every((item) => some.includes(item))
