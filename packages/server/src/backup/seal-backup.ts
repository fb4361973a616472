import { CompactEncrypt, compactDecrypt } from 'jose'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'

const strict = { additionalProperties: false }

/**
 * Sealed contents of a backup: the keys of the state folder by these names and no others, and the size and hash of the
 * database that goes with them.
 */
export const BackupContents = Type.Object(
  {
    made: Type.String({ format: 'date-time' }),
    /** Version of the joinery-server that made the backup. */
    by: Type.String(),
    keys: Type.Object(
      {
        /** Base64. */
        'master.key': Type.String(),
        'ca.crt': Type.String(),
        /** PEM of the CA's key. Absent if it is kept elsewhere. */
        'ca.key': Type.Optional(Type.String()),
        /** PEM of the key that signs the audit log. Absent in a backup of an earlier version. */
        'audit.key': Type.Optional(Type.String())
      },
      strict
    ),
    database: Type.Object({ bytes: Type.Integer({ minimum: 0 }), sha256: Type.String() }, strict)
  },
  strict
)
export type BackupContents = Static<typeof BackupContents>

const header = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', typ: 'joinery-backup' } as const

/**
 * Rounds that a guess costs. The maker of a backup cannot choose the number: a file that asks for more is not tried.
 */
const rounds = 600_000

/** Seals the contents as a compact JWE (RFC 7516) that the passphrase opens. */
export const sealBackup = (contents: BackupContents, passphrase: string): Promise<string> =>
  new CompactEncrypt(Buffer.from(JSON.stringify(contents)))
    .setProtectedHeader(header)
    .setKeyManagementParameters({ p2c: rounds })
    .encrypt(Buffer.from(passphrase))

/**
 * Opens what `sealBackup` made. Throws `JWEDecryptionFailed` for another passphrase, and another error for text that is
 * no sealed backup.
 */
export const unsealBackup = async (sealed: string, passphrase: string): Promise<BackupContents> => {
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, Buffer.from(passphrase), {
    keyManagementAlgorithms: [header.alg],
    contentEncryptionAlgorithms: [header.enc],
    maxPBES2Count: rounds
  })
  const contents: unknown = JSON.parse(Buffer.from(plaintext).toString())
  if (protectedHeader.typ !== header.typ || !Value.Check(BackupContents, contents)) throw new Error('it is no backup')
  return contents
}
