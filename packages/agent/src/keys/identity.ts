import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { fingerprint } from '@joinery/protocol'
import type { MachineIds } from '../host/machine-ids.ts'
import { loadKept, readKept } from './kept.ts'

/** The agent's own key pair: the machine's identity at the pairing server. */
export interface Identity {
  /** PEM. */
  key: string
  /** PEM, self-signed. */
  certificate: string
  fingerprint: string
}

type Stored = Pick<Identity, 'key' | 'certificate'>

/**
 * The key pair of this machine, made once. It is kept with the machine id and product UUID. On a cloned image these
 * differ, and a new key pair is made, so that copies share nothing.
 */
export const loadIdentity = (files: Files, stateDirectory: string, ids: MachineIds): Promise<Identity> =>
  loadKept(files, {
    path: identityFile(stateDirectory),
    ids: async () => ids,
    make: makeKeyPair,
    read: identityOf
  })

/** The key pair of this machine, if it has made one. It is not made here. */
export const keptIdentity = async (
  files: Pick<Files, 'read'>,
  stateDirectory: string,
  ids: MachineIds
): Promise<Identity | undefined> => {
  const text = await files.read(identityFile(stateDirectory))
  return text === undefined ? undefined : readKept(text, ids, identityOf)
}

const identityFile = (stateDirectory: string): string => join(stateDirectory, 'identity.json')

const identityOf = ({ key, certificate }: Stored): Identity => ({
  key,
  certificate,
  fingerprint: fingerprint(new X509Certificate(certificate).publicKey)
})

/** Makes the key pair. @peculiar/x509 is loaded only here: it costs 5 MB, and a key is made once. */
const makeKeyPair = async (): Promise<Stored> => {
  await import('reflect-metadata')
  const { PemConverter, X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=joinery-agent',
    keys,
    signingAlgorithm: algorithm,
    // nobody judges its dates: only the key is the identity, and the machine's clock may be wrong
    notBefore: new Date('2000-01-01T00:00:00Z'),
    notAfter: new Date('2099-12-31T23:59:59Z')
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: PemConverter.encode(pkcs8, 'PRIVATE KEY'), certificate: certificate.toString('pem') }
}
