import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Binaries, kubernetesVersion } from './binaries.ts'
import { made } from './cache.ts'
import { type ContainerImage, writeContainerImage } from './container-image.ts'
import { must, mustLogged } from './run.ts'
import { waitFor } from './wait-for.ts'

const pauseSource = new URL('pause.c', import.meta.url)

/**
 * A folder whose `store` is to be a machine's /var/lib/containerd: the control plane's images, unpacked by a private
 * containerd, so that machines need neither a registry nor an import at boot. The refs are those kubeadm itself asks for.
 * `theirs`: a suite's own, beside those or in place of one. Their files lie in folders that are named after what they were made from.
 */
export async function makeImageStore(
  cache: string,
  edition: string,
  binaries: Binaries,
  refs: readonly string[],
  theirs: readonly ContainerImage[],
  log: string
): Promise<string> {
  const sources = [new URL(import.meta.url), new URL('container-image.ts', import.meta.url), pauseSource]
  const inputs = [...Object.values(binaries), JSON.stringify(theirs), ...sources]
  return made(cache, `images-${edition}`, inputs, async (folder) => {
    const work = join(folder, 'work')
    await mkdir(work)
    const pause = join(work, 'pause')
    await must(['gcc', '-static', '-Os', '-o', pause, fileURLToPath(pauseSource)])
    const isTheirs = ({ refs }: ContainerImage) => theirs.some((image) => image.refs.includes(refs[0]))
    const own = images(binaries, refs, pause).filter((image) => !isTheirs(image))
    const sandbox = await sandboxOf(binaries)
    if (!refs.includes(sandbox)) own.push({ refs: [sandbox], programs: { pause }, entrypoint: ['/pause'] })
    const archives: string[] = []
    for (const image of [...own, ...theirs]) archives.push(await writeContainerImage(work, image))
    await unpack(join(folder, 'store'), work, archives, binaries, log)
    await rm(work, { recursive: true })
  })
}

/** The images that kubeadm of this minor version asks for, by their names. */
export async function imagesOfKubeadm(binaries: Binaries, minor: string): Promise<string[]> {
  const argv = ['config', 'images', 'list', `--kubernetes-version=${await kubernetesVersion(minor)}`]
  return (await must([join(binaries.kubernetes, 'kubeadm'), ...argv])).trim().split('\n')
}

/** The image in which containerd runs each Pod. Each minor version of kubeadm lists one of its own. */
async function sandboxOf({ containerd }: Binaries): Promise<string> {
  const settings = await must([join(containerd, 'containerd'), 'config', 'default'])
  const ref = /^\s*sandbox = '(\S+\/pause:\S+)'$/m.exec(settings)?.[1]
  if (ref === undefined) throw new Error('containerd names no image for its sandboxes')
  return ref
}

/** Gives the image of this name, `coredns`, from those that kubeadm asks for. Throws if there is none. */
export function refOf(refs: readonly string[], name: string): string {
  const ref = refs.find((line) => line.includes(`/${name}:`))
  if (ref === undefined) throw new Error(`kubeadm lists no image ${name}: ${refs.join(' ')}`)
  return ref
}

function images(binaries: Binaries, refs: readonly string[], pause: string): ContainerImage[] {
  const image = (name: string, program: string, path: string, entrypoint: readonly string[]): ContainerImage => ({
    refs: [refOf(refs, name)],
    programs: { [path]: program },
    entrypoint
  })
  const component = (name: string, folder: string) => image(name, join(folder, name), `usr/local/bin/${name}`, [])
  return [
    component('kube-apiserver', binaries.kubernetes),
    component('kube-controller-manager', binaries.kubernetes),
    component('kube-scheduler', binaries.kubernetes),
    component('etcd', binaries.etcd),
    // most suites have no addons, but a control plane pulls their images before it joins: nothing runs in these then
    ...['pause', 'kube-proxy', 'coredns'].map((name) => image(name, pause, 'pause', ['/pause']))
  ]
}

async function unpack(root: string, work: string, archives: string[], binaries: Binaries, log: string): Promise<void> {
  const socket = join(work, 'containerd.sock')
  const config = join(work, 'config.toml')
  const state = join(work, 'state')
  await mkdir(state)
  await writeFile(config, `version = 3\nroot = '${root}'\nstate = '${state}'\n[grpc]\naddress = '${socket}'\n`)
  await using handle = await open(log, 'a')
  // it must not outlive this process, however that ends
  const argv = ['--pdeathsig=KILL', join(binaries.containerd, 'containerd'), `--config=${config}`]
  const containerd = spawn('setpriv', argv, { stdio: ['ignore', handle.fd, handle.fd] })
  const ended = once(containerd, 'exit')
  const ctr = [join(binaries.containerd, 'ctr'), `--address=${socket}`, '--namespace=k8s.io']
  try {
    await waitFor(
      'the private containerd',
      () => must([...ctr, 'version']),
      () => true,
      30_000
    )
    for (const archive of archives) {
      const how = ['--local', '--snapshotter=overlayfs', '--platform=linux/amd64']
      await mustLogged([...ctr, 'images', 'import', ...how, archive], log)
    }
  } finally {
    containerd.kill('SIGTERM') // it closes its database
    await ended
  }
}
