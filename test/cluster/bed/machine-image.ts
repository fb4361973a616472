import { chmod, cp, glob, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Binaries } from './binaries.ts'
import { made } from './cache.ts'
import { initSource, writeInitrd } from './initrd.ts'
import { must } from './run.ts'

const files = new URL('machine-files/', import.meta.url)
const enabled = ['containerd', 'kubelet', 'systemd-networkd', 'joinery-bed-pause', 'joinery-bed-scheduler']
/** Units of Debian that cost an emulated processor time at each boot, and are of no use to a machine of the bed. */
const masked = [
  // timers of an installation that lives for long
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer', 'fstrim.timer'],
  ...['e2scrub_reap.service', 'systemd-pstore.service'],
  // file systems and modules that nothing here asks for
  ...['dev-hugepages.mount', 'dev-mqueue.mount', 'sys-fs-fuse-connections.mount', 'sys-kernel-config.mount'],
  ...['sys-kernel-tracing.mount', 'proc-sys-fs-binfmt_misc.automount', 'systemd-binfmt.service'],
  ...['configfs', 'drm', 'efi_pstore', 'fuse'].map((name) => `modprobe@${name}.service`),
  // there is no screen
  ...['getty.target', 'getty@tty1.service']
]

/**
 * A folder with the disk `base.img`, `vmlinuz` and `initrd` of a fresh machine, and `key` and `known_hosts` to reach its root.
 * containerd, kubelet, kubeadm and kubectl are installed as their packages would; nothing is prepared for Kubernetes:
 * no module is loaded, no sysctl set, no CNI configured.
 */
export async function makeMachineImage(
  cache: string,
  edition: string,
  binaries: Binaries,
  rootfs: string,
  images: string
): Promise<string> {
  const tree = await readdir(files, { recursive: true, withFileTypes: true })
  const sources = tree.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const inputs = [
    ...Object.values(binaries),
    rootfs,
    images,
    ...[new URL(import.meta.url), new URL('initrd.ts', import.meta.url), initSource],
    ...sources.toSorted().map((path) => pathToFileURL(path))
  ]
  return made(cache, `machine-${edition}`, inputs, async (folder) => {
    const root = join(folder, 'root')
    await mkdir(root)
    await must(['tar', '--extract', '--preserve-permissions', `--file=${rootfs}/rootfs.tar`, `--directory=${root}`])
    await install(root, binaries, images)
    await addKeys(root, folder)
    await cp(await onlyOne(root, 'boot/vmlinuz-*'), join(folder, 'vmlinuz'))
    await writeInitrd(folder, await onlyOne(root, 'usr/lib/modules/*/kernel/drivers/block/virtio_blk.ko.xz'))
    await must(['mke2fs', '-q', '-t', 'ext4', '-L', 'rootfs', '-d', root, join(folder, 'base.img'), '5G'])
    await rm(root, { recursive: true })
  })
}

/** Path of the file in the root file system that has such a path. */
async function onlyOne(root: string, pattern: string): Promise<string> {
  const [path] = await Array.fromAsync(glob(pattern, { cwd: root }))
  if (path === undefined) throw new Error(`no ${pattern} in the root file system`)
  return join(root, path)
}

async function install(root: string, binaries: Binaries, images: string): Promise<void> {
  const programs = [
    ...['kubelet', 'kubeadm', 'kubectl'].map((name) => join(binaries.kubernetes, name)),
    ...['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => join(binaries.containerd, name)),
    join(binaries.criTools, 'crictl')
  ]
  await must(['install', '--mode=755', ...programs, `--target-directory=${root}/usr/bin`])
  for (const path of ['opt/cni/bin', 'etc/cni/net.d', 'var/lib/containerd']) {
    await mkdir(join(root, path), { recursive: true })
  }
  await must(['cp', '--archive', `${root}/usr/lib/cni/.`, `${root}/opt/cni/bin`])
  await must(['cp', '--archive', `${images}/store/.`, `${root}/var/lib/containerd`])
  await must(['cp', '--recursive', '--no-preserve=mode,ownership', `${fileURLToPath(files)}.`, root])
  for (const unit of enabled) {
    const wants = join(root, 'etc/systemd/system/multi-user.target.wants')
    await mkdir(wants, { recursive: true })
    await rm(join(wants, `${unit}.service`), { force: true })
    await symlink(`/usr/lib/systemd/system/${unit}.service`, join(wants, `${unit}.service`))
  }
  for (const unit of masked) {
    const mask = join(root, 'etc/systemd/system', unit)
    await rm(mask, { force: true })
    await symlink('/dev/null', mask)
  }
}

async function addKeys(root: string, folder: string): Promise<void> {
  await must(['ssh-keygen', '-A', '-f', root])
  const hostKey = await readFile(join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')
  await writeFile(join(folder, 'known_hosts'), `172.30.0.* ${hostKey}`)
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'joinery-bed', '-f', join(folder, 'key')])
  await mkdir(join(root, 'root/.ssh'), { recursive: true, mode: 0o700 })
  await cp(join(folder, 'key.pub'), join(root, 'root/.ssh/authorized_keys'))
  await chmod(join(root, 'root/.ssh/authorized_keys'), 0o600)
}
