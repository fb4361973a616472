import { createSecureContext, type SecureContext } from 'node:tls'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'
import { noFacts } from '@joinery/protocol'

/** TLS contexts of that many new agents, each with a key of its own, that trust `authority` and nobody else. */
export const newIdentities = async (count: number, authority: string): Promise<SecureContext[]> => {
  const identities: SecureContext[] = []
  while (identities.length < count) {
    const { key, certificate } = await loadIdentity(memoryFiles(), '', noFacts)
    identities.push(createSecureContext({ key, cert: certificate, ca: authority, minVersion: 'TLSv1.3' }))
  }
  return identities
}
