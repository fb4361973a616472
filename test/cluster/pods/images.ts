import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OwnImages } from '../bed/build.ts'
import type { ContainerImage } from '../bed/container-image.ts'
import { sourcesOf } from '../bed/go-module.ts'
import { refOf } from '../bed/image-store.ts'
import { flannelManifest } from './addons.ts'
import { buildPodPrograms } from './programs.ts'
import { makeTree } from './tree.ts'

/**
 * Images of a cluster whose Pods talk, by the names that kubeadm, Flannel and Kubernetes' own tests ask for: kube-proxy, CoreDNS, Flannel
 * with its plugin, agnhost and busybox.
 */
export const podImages: OwnImages = {
  label: 'pods',
  async make({ cache }, refs, log): Promise<ContainerImage[]> {
    const programs = await buildPodPrograms(cache, log)
    const filters = await makeTree(cache, 'filters', ['iptables', 'nftables'], log)
    const tests = await testImages()
    const porter = join(await sourcesOf('pods', 'k8s.io/kubernetes'), 'test/images/agnhost/porter')
    const tools = ['bash', 'bind9-dnsutils', 'curl', 'iproute2', 'netcat-traditional', 'socat']
    return [
      {
        refs: [refOf(refs, 'kube-proxy')],
        tree: filters,
        programs: { 'usr/local/bin/kube-proxy': programs.kubeProxy },
        entrypoint: []
      },
      {
        refs: [refOf(refs, 'coredns')],
        programs: { coredns: programs.coreDns },
        entrypoint: ['/coredns'],
        user: '65532'
      },
      {
        refs: await flannelRefs(),
        tree: filters,
        programs: {
          'opt/bin/flanneld': programs.flanneld,
          'opt/bin/install-conf': programs.flannelConf,
          flannel: programs.flannelPlugin
        },
        entrypoint: ['/opt/bin/flanneld']
      },
      {
        // a test changes from the one name to the other
        refs: [tests.agnhost, tests.previousAgnhost],
        tree: await makeTree(cache, 'tools', tools, log),
        // it serves TLS with the two beside it
        programs: {
          agnhost: programs.agnhost,
          'localhost.crt': join(porter, 'localhost.crt'),
          'localhost.key': join(porter, 'localhost.key'),
          coredns: programs.coreDns
        },
        entrypoint: ['/agnhost'],
        words: ['pause']
      },
      {
        refs: [tests.busybox],
        tree: await makeTree(cache, 'busybox', [], log),
        programs: {},
        entrypoint: [],
        words: ['sh']
      }
    ]
  }
}

/** Names of Flannel's two images, which are one here. */
const flannelRefs = async (): Promise<[string, ...string[]]> => {
  const [first, ...others] = new Set(
    [...(await flannelManifest()).matchAll(/image: (\S+)/g)].map(([, ref = '']) => ref)
  )
  if (first === undefined) throw new Error('the manifest of Flannel names no image')
  return [first, ...others]
}

/** Names of the images of Kubernetes' tests that are made here. */
export const testImages = async (): Promise<Record<'agnhost' | 'previousAgnhost' | 'busybox', string>> => {
  const kubernetes = await sourcesOf('pods', 'k8s.io/kubernetes')
  const list = await readFile(join(kubernetes, 'test/utils/image/manifest.go'), 'utf8')
  const ref = (id: string, name: string): string => {
    const tag = new RegExp(`configs\\[${id}\\] = Config\\{list\\.PromoterE2eRegistry, "${name}", "([^"]+)"\\}`).exec(
      list
    )?.[1]
    if (tag === undefined) throw new Error(`Kubernetes' tests list no image ${name}`)
    return `registry.k8s.io/e2e-test-images/${name}:${tag}`
  }
  return {
    agnhost: ref('Agnhost', 'agnhost'),
    previousAgnhost: ref('AgnhostPrev', 'agnhost'),
    busybox: ref('BusyBox', 'busybox')
  }
}
