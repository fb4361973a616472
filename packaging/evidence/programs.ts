import type { DebianPackage } from '../debian/deb.ts'
import { type Sum, sha256 } from './sums.ts'

/**
 * The sums of the program files that a package installs: its bundles and its runtime, below /usr/lib. Each is named
 * `<package>/<architecture>/<path below the root>`, so that an installed program can be compared with the release.
 */
export const programSums = ({ control, files }: DebianPackage): Sum[] =>
  files
    .filter(({ path }) => path.startsWith(`/usr/lib/${control.Package}/`))
    .map(({ path, content }) => ({
      name: `${control.Package}/${control.Architecture}${path}`,
      sha256: sha256(content)
    }))
