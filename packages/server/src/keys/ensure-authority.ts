import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere, writeDurably } from '../base/files.ts'
import { type Authority, makeAuthority } from './certificates.ts'
import { makeKey, readKeyPair } from './keys.ts'

/** Makes the server's own CA, unless there is one. A CA is never replaced: every machine pins its key. */
export const ensureAuthority = async (folder: string, now: Date, print: (line: string) => void): Promise<Authority> => {
  const keyFile = join(folder, 'ca.key')
  const certificateFile = join(folder, 'ca.crt')
  const key = await readIfThere(keyFile)
  const certificate = await readIfThere(certificateFile)
  if (key === undefined && certificate !== undefined) {
    throw new Error(`${certificateFile} is there without ${keyFile}: restore the key, machines pin it`)
  }
  const pem = key?.toString() ?? makeKey()
  const pair = readKeyPair(pem)
  if (certificate !== undefined) {
    if (!new X509Certificate(certificate).checkPrivateKey(pair.privateKey)) {
      throw new Error(`${keyFile} is not the key of ${certificateFile}: restore the one that belongs to it`)
    }
    print(`${certificateFile} unchanged`)
    return { pair, certificate: certificate.toString() }
  }
  // the key first: after a power cut between the two, the certificate is made for the same key
  if (key === undefined) await writeDurably(keyFile, pem)
  const made = await makeAuthority(pair, now)
  await writeDurably(certificateFile, made)
  print(`${certificateFile} created`)
  return { pair, certificate: made }
}

/** Reads the CA that `init` made. Throws if there is none. */
export const readAuthority = async (folder: string): Promise<Authority> => {
  const read = (file: string) => readFile(join(folder, file), 'utf8')
  return { pair: readKeyPair(await read('ca.key')), certificate: await read('ca.crt') }
}
