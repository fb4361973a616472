import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { createTar } from 'nanotar'
import { makeNewFile } from '../terminal/new-file.ts'
import { manifestName } from './manifest.ts'

/** Writes a bundle: an archive that only its owner can read, with one folder. Never replaces a file. */
export const writeBundle = async (
  path: string,
  folder: string,
  { manifest, files, at }: { manifest: string; files: readonly { name: string; text: string }[]; at: Date }
): Promise<void> => {
  const all = [{ name: manifestName, text: manifest }, ...files].map(({ name, text }) => ({
    name: `${folder}/${name}`,
    // a file without a byte would be a folder
    data: text === '' ? '\n' : text
  }))
  const archive = createTar(all, { attrs: { mode: '600', uid: 0, gid: 0, mtime: at.getTime() } })
  const bytes = await promisify(gzip)(archive)
  await makeNewFile(path, (draft) => writeFile(draft, bytes, { mode: 0o600 }))
}
