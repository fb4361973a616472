import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { seal, unseal } from './seal.ts'

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
        /** Base64. Absent after a rotation, when the first master key is gone. */
        'master.key': Type.Optional(Type.String()),
        'ca.crt': Type.String(),
        /** PEM of the CA's key. Absent if it is kept elsewhere. */
        'ca.key': Type.Optional(Type.String()),
        /** PEM of the key that signs the audit log. Absent in a backup of an earlier version. */
        'audit.key': Type.Optional(Type.String())
      },
      strict
    ),
    /** Base64 of each other key file by its name: what a rotation made. */
    more: Type.Optional(Type.Record(Type.String(), Type.String())),
    database: Type.Object({ bytes: Type.Integer({ minimum: 0 }), sha256: Type.String() }, strict)
  },
  strict
)
export type BackupContents = Static<typeof BackupContents>

/** Seals the contents so that the passphrase opens them. */
export const sealBackup = (contents: BackupContents, passphrase: string): Promise<string> =>
  seal('joinery-backup', JSON.stringify(contents), passphrase)

/** Opens what `sealBackup` made. Throws as `unseal` does, and for contents that are not those of a backup. */
export const unsealBackup = async (sealed: string, passphrase: string): Promise<BackupContents> => {
  const contents: unknown = JSON.parse((await unseal('joinery-backup', sealed, passphrase)).text)
  if (!Value.Check(BackupContents, contents)) throw new Error('it is no backup')
  return contents
}
