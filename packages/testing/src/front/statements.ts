import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Statement, StatementAnswer } from '@joinery/protocol'
import { signNextPin, signStatement } from '@joinery/protocol/statement'

/** The signed statement of the server with this state folder, and the next pin by its CA key, if there is one. */
export const statementBy = async (
  state: string,
  said: Partial<Statement> & Pick<Statement, 'server'>,
  next?: string
): Promise<StatementAnswer> => {
  const read = (file: string) => readFile(join(state, file), 'utf8')
  const [key, certificate, authority] = [
    createPrivateKey(await read('tls.key')),
    await read('tls.crt'),
    await read('ca.crt')
  ]
  const statement: Statement = {
    issued: '2026-11-30T00:00:00Z',
    cluster: '1c4b8a1e-4f0b-4b0e-9d64-2a8a3d9a0c11',
    apiEndpoint: '192.0.2.1:6443',
    version: '0.1.0',
    ...said
  }
  return {
    statement: await signStatement(statement, { key, certificate, authority }),
    ...(next !== undefined && { nextPin: await nextPinBy(state, next) })
  }
}

/** The text by which the CA in this state folder names the next pin. */
export const nextPinBy = async (state: string, next: string): Promise<string> => {
  const read = (file: string) => readFile(join(state, file), 'utf8')
  return signNextPin(next, { key: createPrivateKey(await read('ca.key')), authority: await read('ca.crt') })
}
