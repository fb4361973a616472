import { X509Certificate } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import { signNextPin } from '@joinery/protocol/statement'
import type { Authority } from './certificates.ts'
import { type KeyFiles, nextAuthorityFiles } from './key-files.ts'
import { readKeyPair } from './keys.ts'

/** The text by which the CA names the pin of the one that comes next (PEM). */
export const nextPinText = ({ pair, certificate }: Authority, next: string): Promise<string> =>
  signNextPin(fingerprint(new X509Certificate(next).publicKey), { key: pair.privateKey, authority: certificate })

/**
 * The text of `nextPinText` for these key files. Empty if no CA comes next, or the key of the present one is not among them: nobody can sign it
 * then.
 */
export const nextPinTextOf = async (files: KeyFiles): Promise<string> => {
  const [key, certificate, next] = ['ca.key', 'ca.crt', nextAuthorityFiles.certificate].map((name) =>
    files.get(name)?.toString()
  )
  if (key === undefined || certificate === undefined || next === undefined) return ''
  return nextPinText({ pair: readKeyPair(key), certificate }, next)
}
