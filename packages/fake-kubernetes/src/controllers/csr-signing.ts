import type { Authority } from '../kubeadm/authority.ts'
import type { Objects } from '../objects/objects.ts'
import { addCondition, type Csr, csrs, faultOf, hasCondition, requestOf, requestText, signers } from './csrs.ts'

/** Oddities of the signers that a test wants. After a change, it calls `runAll`. */
export interface Signing {
  /** True if nothing is signed for now. */
  isHeld: boolean
  /** Gives the request that is signed in the place of this one. Both are PEM. */
  instead?: ((request: string) => string) | undefined
}

/** Signs approved CSRs (pkg/controller/certificates/signer). `settled` waits for the signatures under way. */
export const csrSigning = (objects: Objects, now: () => Date, authority: Authority, signing: Signing) => {
  const underWay = new Map<string, Promise<void>>()

  const issue = async (csr: Csr): Promise<void> => {
    const { name, uid } = csr.metadata
    const text = requestText(csr)
    const { usages = [], expirationSeconds } = csr.spec
    const pem = await authority.sign(signing.instead?.(text) ?? text, usages, now(), expirationSeconds)
    underWay.delete(uid)
    const latest = objects.get<Csr>(csrs, name)
    if (latest?.metadata.uid !== uid) return
    const certificate = Buffer.from(pem).toString('base64')
    objects.replace(csrs, { ...latest, status: { ...latest.status, certificate } })
  }
  const run = (): void => {
    for (const csr of signing.isHeld ? [] : objects.list<Csr>(csrs)) {
      const isDue = hasCondition(csr, 'Approved') && !hasCondition(csr, 'Failed') && !csr.status?.certificate
      if (!isDue || !signers.has(csr.spec.signerName) || underWay.has(csr.metadata.uid)) continue
      const request = requestOf(csr)
      if (request === undefined) continue
      const message = faultOf(csr, request)
      if (message === undefined) underWay.set(csr.metadata.uid, issue(csr))
      else addCondition(objects, csr, now(), 'Failed', 'SignerValidationFailure', message)
    }
  }
  return { run, settled: async (): Promise<void> => void (await Promise.all(underWay.values())) }
}
