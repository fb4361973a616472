import { join } from 'node:path'
import { made } from '../cluster/bed/cache.ts'
import { mustLogged } from '../cluster/bed/run.ts'

/** Releases that the packages are installed on. Ubuntu 24.04's dpkg is between theirs. */
export const suites = ['bookworm', 'trixie'] as const
export type Suite = (typeof suites)[number]

/** What the packages depend on, systemd, and what they stand beside. */
const packages = ['cloud-init', 'init-system-helpers', 'kmod', 'libstdc++6', 'procps', 'systemd', 'systemd-sysv']

/** A folder with `rootfs.tar`: that Debian, small, as cloud images have it. About a minute, once. */
export const makeRootfs = (cache: string, suite: Suite, log: string): Promise<string> =>
  made(cache, `packages-${suite}`, [new URL(import.meta.url)], (folder) =>
    mustLogged(
      ['mmdebstrap', '--variant=minbase', `--include=${packages.join(',')}`, suite, join(folder, 'rootfs.tar')],
      log,
      { env: { TMPDIR: folder } }
    )
  )
