import { readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { made } from '../bed/cache.ts'
import { must, mustLogged } from '../bed/run.ts'

/** Folders of Debian packages that nothing in a container reads. */
const unwanted = ['usr/share', 'var', 'etc/init.d', 'etc/default', 'usr/lib/systemd']

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
    const programs = new Set<string>()
    for (const path of ['usr/bin', 'usr/sbin']) for (const file of await readdir(join(root, path))) programs.add(file)
    // scripts of Debian choose these on a real machine
    const multi = [...programs].filter((file) => /^ip6?tables-nft(-save|-restore)?$/.test(file))
    for (const file of multi) await link(root, 'usr/sbin', file.replace('-nft', ''), file)
    const applets = (await must(['chroot', root, 'busybox', '--list'])).trim().split('\n')
    const taken = new Set([...programs, ...multi.map((file) => file.replace('-nft', ''))])
    for (const applet of applets.filter((file) => !taken.has(file))) await link(root, 'usr/bin', applet, 'busybox')
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0', '--exclude=./dev/*']
    await must(['tar', '--create', `--file=${join(folder, 'tree.tar')}`, `--directory=${root}`, ...owner, '.'])
    await rm(root, { recursive: true })
  })
  return join(folder, 'tree.tar')
}

const link = (root: string, folder: string, name: string, to: string): Promise<void> =>
  symlink(to, join(root, folder, name))
