import { given } from '@joinery/protocol/given'
import { firstMasterKey, type KeyFiles } from '../../../core/keys/key-files.ts'
import type { BackupContents } from './seal-backup.ts'

type KeyParts = Pick<BackupContents, 'keys' | 'more'>

const texts = ['ca.crt', 'ca.key', 'audit.key'] as const

/** The key files as a backup has them. Without a rotation, they are those that earlier versions know. */
export const keyParts = (files: KeyFiles): KeyParts => {
  const { [firstMasterKey]: first, ...others } = Object.fromEntries(
    [...files].filter(([name]) => !isText(name)).map(([name, content]) => [name, content.toString('base64')])
  )
  const [authority = '', authorityKey, auditKey] = texts.map((name) => files.get(name)?.toString())
  return {
    keys: { 'ca.crt': authority, ...given({ 'master.key': first, 'ca.key': authorityKey, 'audit.key': auditKey }) },
    ...(Object.keys(others).length > 0 && { more: others })
  }
}

/** The key files of a backup, each certificate after its key, as init makes them. */
export const keyFilesOf = ({ keys, more = {} }: KeyParts): KeyFiles => {
  const { [firstMasterKey]: first, ...pems } = keys
  const files = [
    ...Object.entries({ ...given({ [firstMasterKey]: first }), ...more }).map(
      ([name, content]) => [name, Buffer.from(content, 'base64')] as const
    ),
    ...Object.entries(pems).map(([name, pem]) => [name, Buffer.from(pem)] as const)
  ]
  return new Map(files.toSorted(([one], [other]) => Number(one.endsWith('.crt')) - Number(other.endsWith('.crt'))))
}

const isText = (name: string): boolean => (texts as readonly string[]).includes(name)
