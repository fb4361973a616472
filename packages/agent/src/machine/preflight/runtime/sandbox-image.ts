import { paths } from '../../../host/paths.ts'
import { type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { containerdConfig } from './containerd-config.ts'

/**
 * Checks the image of the pause container. Only an image that a file names can be wrong: containerd's own default is
 * in the registry of Kubernetes. If kubeadm of another version names another image, that is no fault.
 */
export const sandboxImage: PreflightCheck = {
  name: 'sandbox-image',
  why: 'every Pod starts with this image: if it cannot be pulled, no Pod starts',
  async run(host) {
    const runtime = await host.runtime().catch(() => undefined)
    if (runtime === undefined) return skipped('the container runtime does not answer')
    if (runtime.name !== 'containerd') return skipped(`the image of ${runtime.name} is not known`)
    const { version, sandbox } = await containerdConfig(host)
    if (sandbox === undefined) return pass(`containerd's own`)
    const { key, image } = sandbox
    if (version >= 3 && key === 'sandbox_image') {
      return warn(
        `${paths.containerdConfig} is of version ${version}, which does not know sandbox_image: ${image} is not used`,
        `# write it as sandbox = '${image}' below [plugins.'io.containerd.cri.v1.images'.pinned_images]`,
        restart
      )
    }
    if (!/^[a-z0-9][\w.:/@-]*$/.test(image)) {
      return warn(`${paths.containerdConfig} names ${JSON.stringify(image)}, which is no image`, remove(key), restart)
    }
    if (image.startsWith('k8s.gcr.io/')) {
      return warn(`${image} is in a registry that was given up in 2023`, remove(key), restart)
    }
    return pass(image)
  }
}

const remove = (key: string): string => `sed -i -E '/^\\s*${key}\\s*=/s/^/#/' ${paths.containerdConfig}`
const restart = 'systemctl restart containerd'
