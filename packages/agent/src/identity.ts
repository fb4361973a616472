import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import type { Files } from './machine/files.ts'
import { isSame, type MachineIds } from './machine/machine-ids.ts'

/** The agent's own key pair: the machine's identity at the pairing server. */
export interface Identity {
  /** PEM. */
  key: string
  /** PEM, self-signed. */
  certificate: string
  fingerprint: string
}

interface Stored extends MachineIds {
  key: string
  certificate: string
}

/**
 * The key pair of this machine, made once. It is kept with the machine id and product UUID: on a cloned image, where
 * they differ, a new one is made, so that copies share nothing.
 */
export const loadIdentity = async (files: Files, stateDirectory: string, ids: MachineIds): Promise<Identity> => {
  const path = identityFile(stateDirectory)
  const text = await files.read(path)
  const kept = text === undefined ? undefined : readKept(text, ids)
  if (kept !== undefined) return kept
  const { machineId, productUuid } = ids
  const made = { machineId, productUuid, ...(await makeKeyPair()) }
  if (text !== undefined) await files.write(path, JSON.stringify(made), 0o600)
  // a second agent on this machine was faster: a machine has one key
  else if (!(await files.create(path, JSON.stringify(made), 0o600))) return loadIdentity(files, stateDirectory, ids)
  return identityOf(made)
}

/** The key pair of this machine where it has made one; it is not made here. */
export const keptIdentity = async (
  files: Pick<Files, 'read'>,
  stateDirectory: string,
  ids: MachineIds
): Promise<Identity | undefined> => {
  const text = await files.read(identityFile(stateDirectory))
  return text === undefined ? undefined : readKept(text, ids)
}

const identityFile = (stateDirectory: string): string => join(stateDirectory, 'identity.json')

/** Undefined where it is another machine's, or damaged: writes are whole, so that did not come from us. */
const readKept = (text: string, ids: MachineIds): Identity | undefined => {
  try {
    const stored = JSON.parse(text) as Stored
    return isSame(stored, ids) ? identityOf(stored) : undefined
  } catch {
    return undefined
  }
}

const identityOf = ({ key, certificate }: Stored): Identity => ({
  key,
  certificate,
  fingerprint: fingerprint(new X509Certificate(certificate).publicKey)
})

/** Loaded only here: @peculiar/x509 costs 5 MB, and a key is made once. */
const makeKeyPair = async (): Promise<Pick<Stored, 'key' | 'certificate'>> => {
  await import('reflect-metadata')
  const { PemConverter, X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=joinery-agent',
    keys,
    signingAlgorithm: algorithm,
    // nobody judges its dates: the key alone is the identity, and the machine's clock may be wrong
    notBefore: new Date('2000-01-01T00:00:00Z'),
    notAfter: new Date('2099-12-31T23:59:59Z')
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: PemConverter.encode(pkcs8, 'PRIVATE KEY'), certificate: certificate.toString('pem') }
}
