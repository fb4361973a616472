import type { KeyObject } from 'node:crypto'
import { Value } from 'typebox/value'
import { serverName } from '../words/servers.ts'
import { readPin } from './pins.ts'
import { type Issuer, type Leaf, openSigned, signText } from './signed-text.ts'
import { nextPinAtMost, Statement, statementAtMost } from './statement.ts'

const [statementType, nextPinType] = ['joinery-statement', 'joinery-next-pin'] as const

/** Key and certificates of the server that signs, PEM. */
export interface Signer extends Leaf {
  key: KeyObject
}

/** Signs a statement: a compact JWS (RFC 7515) with the chain in it. Throws if it is longer than a statement may be. */
export const signStatement = async (statement: Statement, { key, ...leaf }: Signer): Promise<string> => {
  const text = await signText(statementType, statement, key, [leaf.certificate, leaf.authority])
  if (text.length > statementAtMost) throw new Error(`a statement has at most ${statementAtMost} characters`)
  return text
}

/** A statement whose signature holds, and the chain that it holds by, PEM. */
export interface OpenedStatement extends Leaf {
  statement: Statement
  /** The pin by which it holds. */
  pin: string
}

/**
 * Opens a statement that the server of one of these pins signed. `now`: the time at which its server certificate must be valid; an agent
 * judges no time. Throws, with the reason in a sentence, if it is any other text.
 */
export const openStatement = async (text: string, pins: readonly string[], now?: Date): Promise<OpenedStatement> => {
  if (text.length > statementAtMost) throw new Error('the statement is too long')
  const { content, pin, chain } = await openSigned(
    statementType,
    text,
    (leaf, authority) => {
      if (leaf === undefined) throw new Error('the statement has no server certificate in it')
      if (leaf.ca || !leaf.checkIssued(authority) || !leaf.verify(authority.publicKey)) {
        throw new Error('its server certificate is not by its CA')
      }
      if (leaf.checkHost(serverName) === undefined || !leaf.keyUsage?.includes(serverAuthentication)) {
        throw new Error('its certificate is not that of a pairing server')
      }
      if (now !== undefined && !(leaf.validFromDate <= now && now <= leaf.validToDate)) {
        throw new Error(`its server certificate is valid from ${leaf.validFrom} to ${leaf.validTo}`)
      }
      return leaf.publicKey
    },
    pins
  )
  if (!Value.Check(Statement, content)) throw new Error('the statement is none that this program understands')
  const [certificate = '', authority = ''] = chain
  return { statement: content, pin, certificate, authority }
}

/** OID of the extended key usage of servers, RFC 5280 section 4.2.1.12. */
const serverAuthentication = '1.3.6.1.5.5.7.3.1'

/** Signs the pin that comes after that of this CA. `rotate-ca` alone does it, as root. */
export const signNextPin = (next: string, { key, authority }: Issuer): Promise<string> =>
  signText(nextPinType, { next }, key, [authority])

/** The pin that the CA of `pin` says comes next. Throws, with the reason in a sentence, if another key signed the text. */
export const openNextPin = async (text: string, pin: string): Promise<string> => {
  if (text.length > nextPinAtMost) throw new Error('the next pin is too long')
  const { content } = await openSigned(
    nextPinType,
    text,
    (leaf, authority) => {
      if (leaf !== undefined) throw new Error('a CA alone names the next pin')
      return authority.publicKey
    },
    [pin]
  )
  const next = readPin((content as { next?: unknown }).next)
  if (next === undefined) throw new Error('the text names no pin')
  return next
}
