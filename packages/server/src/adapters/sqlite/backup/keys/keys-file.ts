import { open } from 'node:fs/promises'
import { errors } from 'jose'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { StartRefusal } from '../../../../core/base/start-refusal.ts'
import { fitEachOther, type KeyFiles } from '../../../../core/keys/key-files.ts'
import { seal, unseal } from '../seal.ts'

const kind = 'joinery-keys '
const format = `${kind}1`

/** The cluster that keys belong to. */
export const KeysOf = Type.Object({
  /** uid of its Namespace kube-system. */
  uid: Type.String({ pattern: '^[0-9A-Za-z-]{1,64}$' }),
  /** URL of its API server as the maker of the file reached it. Only for people. */
  api: Type.String({ maxLength: 512 })
})
export type KeysOf = Static<typeof KeysOf>

const Contents = Type.Object(
  {
    made: Type.String({ format: 'date-time' }),
    /** Version of the joinery-server that made the file. */
    by: Type.String(),
    /** Base64 of each key file by its name. */
    files: Type.Record(Type.String(), Type.String())
  },
  { additionalProperties: false }
)

/** Contents of a keys file. */
export interface Keys {
  made: string
  by: string
  of: KeysOf
  files: KeyFiles
}

/** The text of a keys file: a line with the kind, and a line with the sealed keys, which states the cluster. */
export const keysFile = async ({ of, files, ...rest }: Keys, passphrase: string): Promise<string> => {
  const contents = {
    ...rest,
    files: Object.fromEntries([...files].map(([name, content]) => [name, content.toString('base64')]))
  }
  return `${format}\n${await seal('joinery-keys', JSON.stringify(contents), passphrase, { cluster: of })}\n`
}

/** Most bytes of a keys file. Its keys are a few kilobytes. */
const longest = 256 * 1024

/**
 * Reads a keys file, whoever made it. Throws `StartRefusal` unless the file is whole, the passphrase opens it, and its keys fit each
 * other.
 */
export const openKeysFile = async (file: string, passphrase: string): Promise<Keys> => {
  const sealed = await readSealed(file)
  const { text, stated } = await unseal('joinery-keys', sealed, passphrase).catch((error: unknown) => {
    if (error instanceof errors.JWEDecryptionFailed) {
      throw new StartRefusal(`${file} does not open: the passphrase is wrong, or the file is damaged`)
    }
    throw noKeysFile(file)
  })
  const contents = parse(text)
  const { cluster: of } = stated
  if (!Value.Check(Contents, contents) || !Value.Check(KeysOf, of)) throw noKeysFile(file)
  const files = new Map(
    Object.entries(contents.files).map(([name, content]) => [name, Buffer.from(content, 'base64')] as const)
  )
  if (!files.has('ca.key') || !fitEachOther(files)) throw new StartRefusal(`the keys in ${file} do not fit each other`)
  return { made: contents.made, by: contents.by, of: { uid: of.uid, api: of.api }, files }
}

const readSealed = async (file: string): Promise<string> => {
  const text = await readBounded(file)
  const [line = '', sealed = '', rest] = text.split('\n')
  if (line.startsWith(kind) && line !== format) {
    throw new StartRefusal(`${file} was made by another joinery-server (${line.slice(0, 32)})`, 'use it with that one')
  }
  if (line !== format || rest !== '' || text.length > longest) throw noKeysFile(file)
  return sealed
}

const readBounded = async (file: string): Promise<string> => {
  try {
    const handle = await open(file, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(longest + 1), 0, longest + 1, 0)
      return buffer.subarray(0, bytesRead).toString('latin1')
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new StartRefusal(`${file} cannot be read (${error instanceof Error && 'code' in error ? error.code : error})`)
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const noKeysFile = (file: string): StartRefusal => new StartRefusal(`${file} is no keys file of joinery-server`)
