import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyManifest } from '../apply-manifest.ts'
import type { Bed } from '../bed/bed.ts'
import { sourcesOf } from '../bed/go-module.ts'

/**
 * The manifest of Flannel as its release has it, but for the version of CNI: the plugin that can be built is of an earlier release, and
 * says which versions it knows.
 */
export const flannelManifest = async (): Promise<string> => {
  const sources = await sourcesOf('flannel', 'github.com/flannel-io/flannel')
  const manifest = await readFile(join(sources, 'Documentation/kube-flannel.yml'), 'utf8')
  const changed = manifest.replace('"cniVersion": "1.0.0"', '"cniVersion": "0.4.0"')
  if (changed === manifest) throw new Error('the manifest of Flannel has another version of CNI')
  return changed
}

/** Applies what `kubeadm init` applies at its end. */
export const applyAddons = async (bed: Bed): Promise<void> => {
  await bed.initPhase('addon', 'kube-proxy')
  await bed.initPhase('addon', 'coredns')
}

export const applyFlannel = async (bed: Bed): Promise<void> => applyManifest(bed, await flannelManifest())

/** Takes the upstream servers out of CoreDNS's configuration: machines of the bed know none, and CoreDNS ends without. */
export const forwardNothing = async (bed: Bed): Promise<void> => {
  const name = ['--namespace=kube-system', 'configmap/coredns']
  const { data } = JSON.parse(await bed.kubectl('get', ...name, '--output=json')) as { data: { Corefile: string } }
  const Corefile = data.Corefile.replace(/^ *forward [^{}]*\{[^}]*\}\n/m, '')
  if (Corefile === data.Corefile) throw new Error(`CoreDNS forwards nothing:\n${data.Corefile}`)
  await bed.kubectl('patch', ...name, '--patch', JSON.stringify({ data: { Corefile } }))
  await bed.kubectl('--namespace=kube-system', 'rollout', 'restart', 'deployment/coredns')
}
