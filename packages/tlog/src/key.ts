import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { base64Of, bytesOfBase64 } from './base64.ts'
import { problem } from './problem.ts'

/** A public key that notes are verified with. */
export interface Verifier {
  name: string
  /** Key id: 8 hexadecimal digits. It only finds the key, and proves nothing. */
  id: string
  key: KeyObject
}

/** A private key that notes are signed with. */
export interface Signer {
  name: string
  key: KeyObject
}

/** Signature type of Ed25519 (c2sp.org/signed-note). Others are not known here. */
const ed25519 = 1
const keySize = 32

/** DER of an Ed25519 private key up to its 32 bytes (RFC 8410, section 7). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Characters of a key's text at most. */
const textAtMost = 4096

/** True if a key may have this name: not empty, no white space, no plus, no control character. */
export const isKeyName = (name: string): boolean =>
  name !== '' && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name)

/** Refuses what no key may be called. */
export const requireKeyName = (name: string): void => {
  if (!isKeyName(name)) {
    throw problem(
      'key-malformed',
      `${JSON.stringify(name)} is no name of a key: it is empty, or has white space or a plus`
    )
  }
}

/** The text of a public key, which a verifier is configured with: `name+id+base64`. Of a private key it is that of its public one. */
export const verifierKey = (name: string, key: KeyObject): string => {
  requireKeyName(name)
  const typed = typedKey(publicBytes(key))
  return `${name}+${idOf(name, typed)}+${base64Of(typed)}`
}

/** The text of a private key. It is a secret: keep it in a file that only its owner reads. */
export const signerKey = (name: string, key: KeyObject): string => {
  requireKeyName(name)
  const id = idOf(name, typedKey(publicBytes(key)))
  const { d } = key.export({ format: 'jwk' })
  return `PRIVATE+KEY+${name}+${id}+${base64Of(typedKey(Buffer.from(d ?? '', 'base64url')))}`
}

/** Reads the text of a public key. Throws `key-malformed`. */
export const readVerifierKey = (text: string): Verifier => {
  const { name, id, typed } = partsOf(/^([^+]+)\+([\da-f]{8})\+([^\s]+)$/, text)
  if (id !== idOf(name, typed)) throw malformed()
  const x = Buffer.from(typed.subarray(1)).toString('base64url')
  return { name, id, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) }
}

/** Reads the text of a private key. Throws `key-malformed`, and never says a part of the text. */
export const readSignerKey = (text: string): Signer => {
  const { name, id, typed } = partsOf(/^PRIVATE\+KEY\+([^+]+)\+([\da-f]{8})\+([^\s]+)$/, text)
  const der = Buffer.concat([privatePrefix, typed.subarray(1)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  if (id !== keyId(name, key)) throw malformed()
  return { name, key }
}

/** The id of a key, public or private, under a name. */
export const keyId = (name: string, key: KeyObject): string => idOf(name, typedKey(publicBytes(key)))

const idOf = (name: string, typed: Uint8Array): string =>
  createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8)

const typedKey = (key: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(ed25519), key])

const partsOf = (form: RegExp, text: string): { name: string; id: string; typed: Uint8Array } => {
  const [, name = '', id = '', encoded = ''] = (text.length <= textAtMost && form.exec(text)) || []
  const typed = bytesOfBase64(encoded)
  if (!isKeyName(name) || typed?.length !== 1 + keySize || typed[0] !== ed25519) throw malformed()
  return { name, id, typed }
}

const malformed = () =>
  problem('key-malformed', 'this is no key of a log: name+id+key, with the id of that name and key')

const publicBytes = (key: KeyObject): Uint8Array => {
  if (key.asymmetricKeyType !== 'ed25519') throw problem('key-malformed', 'the key is none of Ed25519')
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  return Buffer.from(x ?? '', 'base64url')
}
