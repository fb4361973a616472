import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { must } from './run.ts'

export interface ContainerImage {
  /** `registry.k8s.io/pause:3.10.1` */
  ref: string
  /** The one program that it holds. */
  program: string
  /** Where that program is in the image, without the leading slash. */
  path: string
  entrypoint: string[]
}

/** Writes a docker-archive of one layer into `folder` and gives its path. */
export async function writeContainerImage(folder: string, image: ContainerImage): Promise<string> {
  const work = await mkdtemp(join(folder, 'image-'))
  const layer = join(work, 'layer')
  const program = join(layer, image.path)
  // static Pods mount the host's certificates there
  for (const path of [dirname(program), join(layer, 'tmp'), join(layer, 'etc/ssl/certs')]) {
    await mkdir(path, { recursive: true })
  }
  await copyFile(image.program, program)
  await chmod(program, 0o755)
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0']
  await must(['tar', '--create', `--file=${join(work, 'layer.tar')}`, `--directory=${layer}`, ...owner, '.'])
  const digest = createHash('sha256')
    .update(await readFile(join(work, 'layer.tar')))
    .digest('hex')
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: image.entrypoint, Env: ['PATH=/usr/local/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] }
  }
  await writeFile(join(work, 'config.json'), JSON.stringify(config))
  const manifest = [{ Config: 'config.json', RepoTags: [image.ref], Layers: ['layer.tar'] }]
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest))
  const archive = join(folder, `${basename(image.ref)}.tar`)
  const members = ['config.json', 'layer.tar', 'manifest.json']
  await must(['tar', '--create', `--file=${archive}`, `--directory=${work}`, ...members])
  await rm(work, { recursive: true })
  return archive
}
