import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { must } from './run.ts'

export interface ContainerImage {
  /** Its names: `registry.k8s.io/pause:3.10.1`. */
  refs: readonly [string, ...string[]]
  /** Archive of the files beneath the programs. If absent, there are none. */
  tree?: string
  /** Programs that it holds, and files beside them, by their paths in the image, without the leading slash. */
  programs: Readonly<Record<string, string>>
  entrypoint: readonly string[]
  /** Words of the entrypoint, if a Pod gives none. */
  words?: readonly string[]
  /** Default: root. */
  user?: string
}

const path = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin'].map((folder) => `/${folder}`)

/** Writes a docker-archive into `folder` and gives its path. A tree is a layer of its own, so images share it. */
export async function writeContainerImage(folder: string, image: ContainerImage): Promise<string> {
  const work = await mkdtemp(join(folder, 'image-'))
  const layers = ['layer.tar']
  await writeLayer(work, image)
  if (image.tree !== undefined) {
    await copyFile(image.tree, join(work, 'tree.tar'))
    layers.unshift('tree.tar')
  }
  const digests = layers.map(async (layer) => `sha256:${sha256(await readFile(join(work, layer)))}`)
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      Cmd: image.words ?? [],
      Env: [`PATH=${path.join(':')}`],
      User: image.user ?? ''
    },
    rootfs: { type: 'layers', diff_ids: await Promise.all(digests) }
  }
  await writeFile(join(work, 'config.json'), JSON.stringify(config))
  const manifest = [{ Config: 'config.json', RepoTags: image.refs, Layers: layers }]
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest))
  const archive = join(folder, `${basename(image.refs[0])}.tar`)
  const members = ['config.json', ...layers, 'manifest.json']
  await must(['tar', '--create', `--file=${archive}`, `--directory=${work}`, ...members])
  await rm(work, { recursive: true })
  return archive
}

async function writeLayer(work: string, { programs }: ContainerImage): Promise<void> {
  const layer = join(work, 'layer')
  // static Pods mount the host's certificates there
  for (const folder of ['tmp', 'etc/ssl/certs']) await mkdir(join(layer, folder), { recursive: true })
  await chmod(join(layer, 'tmp'), 0o1777)
  for (const [path, program] of Object.entries(programs)) {
    await mkdir(dirname(join(layer, path)), { recursive: true })
    await copyFile(program, join(layer, path))
    await chmod(join(layer, path), 0o755)
  }
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0']
  await must(['tar', '--create', `--file=${join(work, 'layer.tar')}`, `--directory=${layer}`, ...owner, '.'])
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
