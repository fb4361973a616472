import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt } from 'jose'

/** Kinds of files that are sealed. A file of one kind does not open as another. */
export type SealedKind = 'joinery-backup' | 'joinery-keys'

const algorithms = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM' } as const

/**
 * Rounds that a guess costs. The maker of a file cannot choose the number: a file that asks for more is not tried.
 */
const rounds = 600_000

/**
 * Seals a text as a compact JWE (RFC 7516) that the passphrase opens. `stated` can be read without the passphrase, and changed by
 * nobody without it.
 */
export const seal = (
  kind: SealedKind,
  text: string,
  passphrase: string,
  stated: Readonly<Record<string, unknown>> = {}
): Promise<string> =>
  new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ ...algorithms, typ: kind, ...stated })
    .setKeyManagementParameters({ p2c: rounds })
    .encrypt(Buffer.from(passphrase))

/**
 * Opens what `seal` made. Throws `JWEDecryptionFailed` for another passphrase, and another error for text that is no sealed file of
 * this kind.
 */
export const unseal = async (
  kind: SealedKind,
  sealed: string,
  passphrase: string
): Promise<{ text: string; stated: CompactJWEHeaderParameters }> => {
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, Buffer.from(passphrase), {
    keyManagementAlgorithms: [algorithms.alg],
    contentEncryptionAlgorithms: [algorithms.enc],
    maxPBES2Count: rounds
  })
  if (protectedHeader.typ !== kind) throw new Error(`it is no ${kind}`)
  return { text: Buffer.from(plaintext).toString(), stated: protectedHeader }
}
