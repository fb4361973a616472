import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Binaries, buildBinaries } from './binaries.ts'
import type { ContainerImage } from './container-image.ts'
import { installPackages } from './debian-packages.ts'
import { makeEmulator } from './emulator.ts'
import { imagesOfKubeadm, makeImageStore } from './image-store.ts'
import { makeMachineImage } from './machine-image.ts'
import { makeRootfs } from './rootfs.ts'
import type { Settings } from './settings.ts'
import { makeTemplate } from './template.ts'

export interface Built {
  /** Name of what its machines have: the minor version, after the label of a suite's own images. */
  edition: string
  binaries: Binaries
  rootfs: string
  images: string
  /** Folder of the machine image. */
  machine: string
  /** The command that starts an emulator. */
  emulator: readonly string[]
  /** Folder of the saved machine from which first boots go on. */
  template: string
}

/** Images that the machines of a suite have beside those of a control plane, or in place of one of the same name. */
export interface OwnImages {
  /** Tells these machines from others. */
  label: string
  /** Builds what they hold, and gives them. `refs`: the images that kubeadm asks for. The output goes to the log. */
  make(settings: Settings, refs: readonly string[], log: string): Promise<readonly ContainerImage[]>
}

/** Makes what is not in the cache yet. Everything that takes long is here; its output is in `build.log`. */
export async function build(settings: Settings, own?: OwnImages): Promise<Built> {
  const { cache, minor, logs } = settings
  for (const folder of [cache, logs]) await mkdir(folder, { recursive: true, mode: 0o700 })
  const log = join(logs, 'build.log')
  await installPackages(log)
  const rootfs = await makeRootfs(cache, log)
  const binaries = await buildBinaries(cache, minor, log)
  const edition = own === undefined ? minor : `${own.label}-${minor}`
  const refs = await imagesOfKubeadm(binaries, minor)
  const theirs = (await own?.make(settings, refs, log)) ?? []
  const images = await makeImageStore(cache, edition, binaries, refs, theirs, log)
  const machine = await makeMachineImage(cache, edition, binaries, rootfs, images)
  const emulator = await makeEmulator(cache, log)
  const site = { cache, edition, image: machine, emulator, log }
  const template = await makeTemplate(site, {})
  return { edition, binaries, rootfs, images, machine, emulator, template }
}
