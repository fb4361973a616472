import { gzipSync } from 'node:zlib'
import { manPages } from '../../docs/commands/pages.ts'
import { version } from '../bundle/bundle.ts'
import type { PackageFile } from './deb.ts'
import type { Part } from './joinery-package.ts'

/** The pages of the manual that a package brings, compressed as Debian has them. The same commands give the same bytes. */
export const manPageFiles = (part: Part, epoch: number): PackageFile[] => {
  const date = new Date(epoch * 1000).toISOString().slice(0, 'yyyy-mm-dd'.length)
  return manPages({ version, date })[part].map(({ file, text }) => ({
    path: `/usr/share/man/man${file.at(-1)}/${file}.gz`,
    mode: 0o644,
    // without a name or a time of its own
    content: gzipSync(text, { level: 9 })
  }))
}
