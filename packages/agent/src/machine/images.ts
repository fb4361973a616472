import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { criSocket } from '../cri/cri.ts'
import { type Call, withGrpc } from '../cri/grpc.ts'
import { decode, encode } from '../cri/protobuf.ts'
import type { ControlPlaneImages } from './port/looking.ts'

/** The images of the container runtime. Its methods reject as `withGrpc` does. */
export interface Images {
  has(image: string): Promise<boolean>
  /** `signal` gives the pull up. */
  pull(image: string, signal?: AbortSignal): Promise<void>
}

const lookTimeout = 20_000
/**
 * Time limit of a pull, in milliseconds: a large image over a slow line. The runtime keeps what it has fetched for
 * the next try.
 */
const pullTimeout = 10 * 60_000

/** The images of this machine's container runtime. */
export const criImages = (files: Pick<Files, 'exists'>): Images =>
  imagesAt(async (...ask) => withGrpc(await criSocket(files), ...ask))

type Ask = (timeout: number, use: (call: Call) => Promise<Uint8Array>, signal?: AbortSignal) => Promise<Uint8Array>

/**
 * Images by the CRI's ImageService, with the registries and mirrors that the runtime is configured for (cri-api,
 * runtime/v1/api.proto).
 */
export const imagesAt = (ask: Ask): Images => {
  // ImageStatusRequest and PullImageRequest { ImageSpec image = 1 }, ImageSpec { string image = 1 }
  const method = (name: string, image: string, timeout: number, signal?: AbortSignal): Promise<Uint8Array> =>
    ask(timeout, (call) => call(`/runtime.v1.ImageService/${name}`, encode(1, encode(1, image))), signal)
  return {
    // ImageStatusResponse { Image image = 1 }, without the field if there is no image
    has: async (image) => decode(await method('ImageStatus', image, lookTimeout)).has(1),
    pull: async (image, signal) => void (await method('PullImage', image, pullTimeout, signal))
  }
}

/** Names of the images that kubeadm would pull for a control plane of that cluster. Rejects with CommandError. */
export const controlPlaneImages = async (
  exec: Exec,
  { version, imageRepository, etcd }: ControlPlaneImages
): Promise<string[]> => {
  const repository = imageRepository === undefined ? [] : ['--image-repository', imageRepository]
  const printed = await exec(['kubeadm', 'config', 'images', 'list', '--kubernetes-version', version, ...repository])
  const images = printed.split('\n').filter((line) => line !== '')
  return etcd === 'external' ? images.filter((image) => !/\/etcd:[^/]*$/.test(image)) : images
}
