import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint, type Statement } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { openStatement, type Signer, signNextPin, signStatement } from '@joinery/protocol/statement'

/** The key and the certificates with which the server of this state folder signs. */
export const signerIn = async (state: string): Promise<Signer> => {
  const [key, certificate, authority] = await Promise.all(
    ['tls.key', 'tls.crt', 'ca.crt'].map((name) => readFile(join(state, name), 'utf8'))
  )
  return { key: createPrivateKey(key ?? ''), certificate: certificate ?? '', authority: authority ?? '' }
}

/** The pin that comes next, signed by the CA of this state folder. */
export const nextPinSigned = async (state: string, next: string): Promise<string> => {
  const [key, authority] = await Promise.all(['ca.key', 'ca.crt'].map((name) => readFile(join(state, name), 'utf8')))
  return signNextPin(next, { key: createPrivateKey(key ?? ''), authority: authority ?? '' })
}

/** Facts of a statement that differ from those of the Installation, and the cluster for which it speaks. */
export type Stated = Partial<Statement> & Pick<Statement, 'cluster'>

/** The Installation with a statement of the same facts, as the server writes it. `differs`: facts that it states otherwise. */
export const signedInstallation = async (
  signer: Signer,
  installation: object,
  differs: Stated
): Promise<InstallationView> => {
  const view = installation as InstallationView
  const { server, servers, apiEndpoint, package: agentPackage, version } = view
  const facts = {
    issued: second(new Date()),
    server,
    apiEndpoint,
    version,
    ...given({ servers, package: agentPackage })
  }
  return { ...view, statement: await signStatement({ ...facts, ...differs }, signer) }
}

/** The Installation of a server whose clock stands at another time, signed by its keys as if the server had done so now. */
export const signedNow = async (signer: Signer, installation: object): Promise<object> => {
  const { statement: text } = installation as InstallationView
  if (text === undefined) return installation
  const pin = fingerprint(createPublicKey(signer.authority))
  const { statement } = await openStatement(text, [pin])
  return { ...installation, statement: await signStatement({ ...statement, issued: second(new Date()) }, signer) }
}

/** A time as `issued` has it. */
export const second = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`

/** The Installation that this front shows, with a package of the agent, signed by the server behind it. */
export const withPackage = async (
  { config }: { config: { state: string } },
  front: { uid: string; shown(): Promise<object | undefined> },
  agentPackage: Statement['package'] = { sha256: 'b'.repeat(64), size: 30_000_000 }
): Promise<InstallationView> =>
  signedInstallation(
    await signerIn(config.state),
    { ...(await front.shown()), package: agentPackage },
    { cluster: front.uid }
  )
