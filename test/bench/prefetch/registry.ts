import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bed } from '../../cluster/bed/bed.ts'
import { made } from '../../cluster/bed/cache.ts'
import { must } from '../../cluster/bed/run.ts'
import { settingsOf } from '../../cluster/bed/settings.ts'
import { ballast, image, registry } from './plugin.ts'

const source = (path: string): URL => new URL(path, import.meta.url)
const program = fileURLToPath(new URL('../inside/push-image.ts', import.meta.url))

/** Starts a registry inside the bed, and puts the network plugin's image into it. */
export const startRegistry = async (bed: Bed): Promise<void> => {
  const { cache } = settingsOf(process.env, new Date())
  const inputs = ['main.go', 'go.mod', 'go.sum'].map((file) => source(`registry/${file}`))
  const folder = await made(cache, 'bench-registry', inputs, async (folder) => {
    const env = { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local' }
    await must(['go', 'build', '-mod=readonly', '-o', join(folder, 'registry'), '.'], {
      cwd: fileURLToPath(source('registry/')),
      env
    })
  })
  await bed.spawn('registry', [join(folder, 'registry'), registry])
  const work = await mkdtemp(join(tmpdir(), 'joinery-bench-'))
  try {
    const layers = await makeLayers(work)
    const argv = [process.execPath, program, `http://${registry}`, image.repository, image.tag, ...layers]
    const { code, stderr } = await bed.exec(argv)
    if (code !== 0) throw new Error(`the image cannot be pushed: ${stderr}`)
  } finally {
    await rm(work, { recursive: true })
  }
}

/** Paths of the layers, each a tar: one with the program, and the others with bytes that no compression makes fewer. */
const makeLayers = async (work: string): Promise<string[]> => {
  const layers: string[] = []
  for (let number = 0; number <= ballast.layers; number += 1) {
    const root = join(work, String(number))
    await mkdir(root)
    if (number === 0) {
      await must(['gcc', '-static', '-Os', '-o', join(root, 'plugin'), fileURLToPath(source('plugin.c'))])
    } else {
      await writeFile(join(root, `ballast-${number}`), randomBytes(ballast.bytes))
    }
    const layer = join(work, `${number}.tar`)
    await must(['tar', '--create', `--file=${layer}`, `--directory=${root}`, '--owner=0', '--group=0', '.'])
    layers.push(layer)
  }
  return layers
}
