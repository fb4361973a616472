import { join } from 'node:path'
import { StartRefusal } from '../base/start-refusal.ts'
import { readAuthorityKey, readAuthorityPair, writeKeyFile } from './authority-keys.ts'
import { type Authority, makeAuthority } from './certificates.ts'
import { makeKey, readKeyPair } from './keys.ts'
import { readPlainFile } from './plain-file.ts'

/** Makes the server's own CA, unless there is one. A CA is never replaced: every machine pins its key. */
export const ensureAuthority = async (folder: string, now: Date, print: (line: string) => void): Promise<Authority> => {
  const certificateFile = join(folder, 'ca.crt')
  const certificate = await readPlainFile(certificateFile)
  if (certificate !== undefined) {
    const pair = await readAuthorityPair(folder, 'ca.key', certificate)
    if (pair === undefined) {
      throw new StartRefusal(
        `${certificateFile} is there without ${join(folder, 'ca.key')}`,
        'restore the key, machines pin it'
      )
    }
    print(`${certificateFile} unchanged`)
    return { pair, certificate }
  }
  const key = await readAuthorityKey(folder, 'ca.key')
  const pem = key ?? makeKey()
  // the key first: after a power cut between the two, the certificate is made for the same key
  if (key === undefined) await writeKeyFile(folder, 'ca.key', pem)
  const pair = readKeyPair(pem)
  const made = await makeAuthority(pair, now)
  await writeKeyFile(folder, 'ca.crt', made)
  print(`${certificateFile} created`)
  return { pair, certificate: made }
}

/** Reads the CA that `init` made, with its key. Throws `StartRefusal` if one of them is not there. */
export const readAuthority = async (folder: string): Promise<Authority> => {
  const certificate = await readPlainFile(join(folder, 'ca.crt'))
  if (certificate === undefined) {
    throw new StartRefusal(`there is no ${join(folder, 'ca.crt')}`, 'make it with joinery-server init')
  }
  const pair = await readAuthorityPair(folder, 'ca.key', certificate)
  if (pair !== undefined) return { pair, certificate }
  throw new StartRefusal(`there is no ${join(folder, 'ca.key')}`, 'put it back for the moment of this command')
}
