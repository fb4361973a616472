import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/**
 * Run inside the bed: `push-image.ts REGISTRY REPOSITORY TAG LAYER...` puts an image of these layers, each an uncompressed tar, into the
 * registry (distribution-spec, pushing).
 */
const [registry = '', repository = '', tag = '', ...files] = process.argv.slice(2)

interface Blob {
  mediaType: string
  digest: string
  size: number
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const ask = async (method: string, url: string | URL, body?: BodyInit, type = 'application/octet-stream') => {
  // the registry may need a moment to start
  for (let left = 50; ; left -= 1) {
    const answer = await fetch(url, {
      method,
      ...(body !== undefined && { body, headers: { 'content-type': type } })
    }).catch((error: Error) => error)
    if (answer instanceof Response && answer.ok) return answer
    if (answer instanceof Response || left === 0) {
      throw new Error(`${method} ${url}: ${answer instanceof Response ? await answer.text() : answer.message}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const push = async (bytes: Uint8Array<ArrayBuffer>, mediaType: string): Promise<Blob> => {
  const digest = digestOf(bytes)
  const begun = await ask('POST', `${registry}/v2/${repository}/blobs/uploads/`)
  const place = new URL(begun.headers.get('location') ?? '', registry)
  place.searchParams.set('digest', digest)
  await ask('PUT', place, bytes)
  return { mediaType, digest, size: bytes.length }
}

const layers: Blob[] = []
for (const file of files)
  layers.push(await push(new Uint8Array(await readFile(file)), 'application/vnd.oci.image.layer.v1.tar'))
const config = await push(
  new TextEncoder().encode(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Entrypoint: ['/plugin'] },
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
    })
  ),
  'application/vnd.oci.image.config.v1+json'
)
const mediaType = 'application/vnd.oci.image.manifest.v1+json'
const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers })
await ask('PUT', `${registry}/v2/${repository}/manifests/${tag}`, manifest, mediaType)
