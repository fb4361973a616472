import { join } from 'node:path'
import { made } from '../cluster/bed/cache.ts'
import { mustLogged } from '../cluster/bed/run.ts'

/** Number of the newcomer, who is the first user of the Debian. */
export const newcomer = 1000

/** Releases on which a newcomer begins. */
export const suites = ['bookworm', 'trixie'] as const
export type Suite = (typeof suites)[number]

/**
 * A folder with `rootfs.tar`: that Debian with Git, and nothing else. It has no ca-certificates, which would bring openssl: nothing
 * is fetched there.
 */
export const makeRootfs = (cache: string, suite: Suite, log: string): Promise<string> =>
  made(cache, `newcomer-${suite}`, [new URL(import.meta.url)], (folder) => {
    const hooks = [
      `chroot "$1" useradd --create-home --uid ${newcomer} --shell /bin/bash newcomer`,
      // an installer writes it
      'echo 127.0.0.1 localhost > "$1"/etc/hosts'
    ].map((hook) => `--customize-hook=${hook}`)
    const words = ['--variant=minbase', '--include=git', ...hooks, suite]
    return mustLogged(['mmdebstrap', ...words, join(folder, 'rootfs.tar')], log, { env: { TMPDIR: folder } })
  })
