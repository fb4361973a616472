import { chmod, cp, glob, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Binaries } from './binaries.ts'
import { made } from './cache.ts'
import { must } from './run.ts'

const files = new URL('machine-files/', import.meta.url)
const enabled = ['containerd', 'kubelet', 'systemd-networkd', 'joinery-bed-pause', 'joinery-bed-scheduler']

/**
 * A folder with the disk `base.img`, `vmlinuz` and `initrd` of a fresh machine, and `key` and `known_hosts` to reach its root.
 * containerd, kubelet, kubeadm and kubectl are installed as their packages would; nothing is prepared for Kubernetes:
 * no module is loaded, no sysctl set, no CNI configured.
 */
export async function makeMachineImage(
  cache: string,
  minor: string,
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
    new URL(import.meta.url),
    ...sources.toSorted().map((path) => pathToFileURL(path))
  ]
  return made(cache, `machine-${minor}`, inputs, async (folder) => {
    const root = join(folder, 'root')
    await mkdir(root)
    await must(['tar', '--extract', '--preserve-permissions', `--file=${rootfs}/rootfs.tar`, `--directory=${root}`])
    await install(root, binaries, images)
    await addKeys(root, folder)
    for (const kind of ['vmlinuz', 'initrd.img']) {
      const [boot] = await Array.fromAsync(glob(`boot/${kind}-*`, { cwd: root }))
      if (boot === undefined) throw new Error(`no ${kind} in the root file system`)
      await cp(join(root, boot), join(folder, kind === 'vmlinuz' ? kind : 'initrd'))
    }
    await must(['mke2fs', '-q', '-t', 'ext4', '-L', 'rootfs', '-d', root, join(folder, 'base.img'), '3G'])
    await rm(root, { recursive: true })
  })
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
