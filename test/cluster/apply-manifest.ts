import type { Bed } from './bed/bed.ts'

/** Applies an object, or objects in YAML, with kubectl. Rejects with the words of kubectl. */
export const applyManifest = async ({ exec }: Pick<Bed, 'exec'>, manifest: object | string): Promise<void> => {
  const input = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
  const { code, stderr } = await exec(['kubectl', 'apply', '--filename=-'], { input })
  if (code !== 0) throw new Error(`it is not applied: ${stderr}`)
}
