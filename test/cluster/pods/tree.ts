import { readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { made } from '../bed/cache.ts'
import { must, mustLogged } from '../bed/run.ts'

/** Folders of Debian packages that nothing in a container reads. */
const unwanted = ['usr/share', 'var', 'etc/init.d', 'etc/default', 'usr/lib/systemd']

/**
 * Names that scripts of Debian give. Busybox' own sh runs its own nc, whatever lies in the path. The nc of OpenBSD often loses what a server
 * says that closes without reading: a machine with one processor resets the connection before nc looks again.
 */
const alternatives: Readonly<Record<string, string>> = { bash: 'sh', 'nc.traditional': 'nc' }

/** Root, nobody, and the user that agnhost's own image has for a test about groups. */
const passwd = `root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/:/bin/false
user-defined-in-image:x:1000:1000::/:/bin/sh
`
const group = `root:x:0:
nogroup:x:65534:
user-defined-in-image:x:1000:
group-defined-in-image:x:50000:user-defined-in-image
`

/**
 * Gives an archive with the files of these Debian packages and of all that they need, as the image of a container has them: with busybox
 * for each command that none of them brings, and with iptables that talks nftables.
 */
export const makeTree = async (
  cache: string,
  name: string,
  packages: readonly string[],
  log: string
): Promise<string> => {
  // base-files has the links /bin, /lib and /sbin
  const include = ['base-files', 'busybox-static', ...packages]
  const inputs = [JSON.stringify(include), new URL(import.meta.url)]
  const folder = await made(cache, `files-${name}`, inputs, async (folder) => {
    const root = join(folder, 'root')
    await mustLogged(['mmdebstrap', '--variant=extract', `--include=${include.join(',')}`, 'trixie', root], log, {
      env: { TMPDIR: folder }
    })
    for (const path of unwanted) await rm(join(root, path), { recursive: true, force: true })
    await writeFile(join(root, 'etc/passwd'), passwd)
    await writeFile(join(root, 'etc/group'), group)
    await linkCommands(root)
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0', '--exclude=./dev/*']
    await must(['tar', '--create', `--file=${join(folder, 'tree.tar')}`, `--directory=${root}`, ...owner, '.'])
    await rm(root, { recursive: true })
  })
  return join(folder, 'tree.tar')
}

/** Links what scripts of Debian choose on a real machine, and busybox for each command that is not there. */
const linkCommands = async (root: string): Promise<void> => {
  const there = new Set<string>()
  for (const folder of ['usr/bin', 'usr/sbin']) {
    for (const file of await readdir(join(root, folder))) {
      there.add(file)
      const name = alternatives[file] ?? file.replace(/^(ip6?tables)-nft(-save|-restore)?$/, '$1$2')
      if (name === file) continue
      there.add(name)
      await symlink(file, join(root, folder, name))
    }
  }
  const applets = (await must(['chroot', root, 'busybox', '--list'])).trim().split('\n')
  for (const applet of applets.filter((name) => !there.has(name))) {
    await symlink('busybox', join(root, 'usr/bin', applet))
  }
}
