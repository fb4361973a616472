import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Statement, StatementAnswer } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { type Signer, signNextPin, signStatement } from '@joinery/protocol/statement'

/** The key and the certificates with which the server of this state folder signs. */
export const signerIn = async (state: string): Promise<Signer> => {
  const [key, certificate, authority] = await Promise.all(
    ['tls.key', 'tls.crt', 'ca.crt'].map((name) => readFile(join(state, name), 'utf8'))
  )
  return { key: createPrivateKey(key ?? ''), certificate: certificate ?? '', authority: authority ?? '' }
}

/** The signed statement of the server with this state folder, and the next pin by its CA key, if there is one. */
export const statementBy = async (
  state: string,
  said: Partial<Statement> & Pick<Statement, 'server'>,
  next?: string
): Promise<StatementAnswer> => {
  const statement: Statement = {
    issued: '2026-11-30T00:00:00Z',
    cluster: '1c4b8a1e-4f0b-4b0e-9d64-2a8a3d9a0c11',
    apiEndpoint: '192.0.2.1:6443',
    version: '0.1.0',
    ...said
  }
  return {
    statement: await signStatement(statement, await signerIn(state)),
    ...(next !== undefined && { nextPin: await nextPinBy(state, next) })
  }
}

/** The text by which the CA in this state folder names the next pin. */
export const nextPinBy = async (state: string, next: string): Promise<string> => {
  const [key, authority] = await Promise.all(['ca.key', 'ca.crt'].map((name) => readFile(join(state, name), 'utf8')))
  return signNextPin(next, { key: createPrivateKey(key ?? ''), authority: authority ?? '' })
}

/** Facts of a statement that differ from those of the Installation, and the cluster for which it speaks. */
export type Stated = Partial<Statement> & Pick<Statement, 'cluster'>

/** The Installation with a statement of the same facts, as the server writes it. `differs`: facts that it states otherwise. */
export const signedInstallation = async (
  signer: Signer,
  view: InstallationView,
  differs: Stated
): Promise<InstallationView> => {
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

/** A time as `issued` has it. */
export const second = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`
