import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Binaries, buildBinaries } from './binaries.ts'
import { installPackages } from './debian-packages.ts'
import { type Emulator, makeEmulator } from './emulator.ts'
import { makeImageStore } from './image-store.ts'
import { makeMachineImage } from './machine-image.ts'
import { makeRootfs } from './rootfs.ts'
import type { Settings } from './settings.ts'
import { makeTemplate } from './template.ts'

export interface Built {
  binaries: Binaries
  rootfs: string
  images: string
  /** Folder of the machine image. */
  machine: string
  emulator: Emulator
  /** Folder of the saved machine from which first boots go on. */
  template: string
}

/** Makes what is not in the cache yet. Everything that takes long is here; its output is in `build.log`. */
export async function build(settings: Settings): Promise<Built> {
  const { cache, minor, logs } = settings
  for (const folder of [cache, logs]) await mkdir(folder, { recursive: true, mode: 0o700 })
  const log = join(logs, 'build.log')
  await installPackages(log)
  const rootfs = await makeRootfs(cache, log)
  const binaries = await buildBinaries(cache, minor, log)
  const images = await makeImageStore(cache, minor, binaries, log)
  const machine = await makeMachineImage(cache, minor, binaries, rootfs, images)
  const emulator = await makeEmulator(cache, log)
  const site = { cache, minor, image: machine, emulator: emulator.argv, log }
  const template = await makeTemplate(site, {})
  return { binaries, rootfs, images, machine, emulator, template }
}
