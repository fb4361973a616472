import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { made } from './cache.ts'
import { must, mustLogged } from './run.ts'

/** Folders of built programs. */
export interface Binaries {
  kubernetes: string
  containerd: string
  etcd: string
  criTools: string
}

const modules = new URL('../go/', import.meta.url)

/** The Kubernetes version that a pinned module stands for: `1.37` gives `v1.37.2`. */
export function kubernetesVersion(minor: string): Promise<string> {
  return pinned(minor, 'k8s.io/kubernetes')
}

/** Builds every program of the pinned Go modules. About 10 minutes with a cold Go cache on 2 cores, 40 s with a warm one. */
export async function buildBinaries(cache: string, minor: string, log: string): Promise<Binaries> {
  const version = await kubernetesVersion(minor)
  const containerdVersion = (await pinned('containerd', 'github.com/containerd/containerd/v2')).slice(1)
  const build = (module: string, name: string, variables: Record<string, string>) =>
    buildModule(cache, module, name, variables, log)
  return {
    kubernetes: await build(minor, `kubernetes-${minor}`, versionVariables(version)),
    containerd: await build('containerd', 'containerd', {
      'github.com/containerd/containerd/v2/version.Version': containerdVersion
    }),
    etcd: await build('etcd', 'etcd', {}),
    criTools: await build('cri-tools', 'cri-tools', {})
  }
}

/**
 * Path of the kubelet of this minor version, which says that it is another version, such as `v1.35.0`. What reads versions
 * sees no difference. It is only linked, from what was compiled for the cluster.
 */
export async function buildKubeletThatSays(
  cache: string,
  minor: string,
  version: string,
  log: string
): Promise<string> {
  const variables = versionVariables(version)
  return join(
    await buildModule(cache, minor, `kubelet-${version}`, variables, log, 'k8s.io/kubernetes/cmd/kubelet'),
    'kubelet'
  )
}

/** Path of a program of another minor version. A kubelet takes about 4 minutes with a cold Go cache on 2 cores. */
export async function buildProgram(
  cache: string,
  minor: string,
  program: 'kubelet' | 'kubeadm',
  log: string
): Promise<string> {
  const variables = versionVariables(await kubernetesVersion(minor))
  const source = `k8s.io/kubernetes/cmd/${program}`
  return join(await buildModule(cache, minor, `${program}-${minor}`, variables, log, source), program)
}

/** What a release of Kubernetes says of its version. */
const versionVariables = (version: string): Record<string, string> => ({
  'k8s.io/component-base/version.gitVersion': version,
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': version.split('.')[1] ?? '',
  'k8s.io/client-go/pkg/version.gitVersion': version
})

async function buildModule(
  cache: string,
  module: string,
  name: string,
  variables: Record<string, string>,
  log: string,
  // stands for every tool line of go.mod, so go.mod is the one list of what is built
  programs = 'tool'
): Promise<string> {
  const source = new URL(`${module}/`, modules)
  // the coming minor asks for a newer Go, which Go fetches
  const [, toolchain = 'local'] = /^toolchain (\S+)/m.exec(await readFile(new URL('go.mod', source), 'utf8')) ?? []
  const env = { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: toolchain }
  const go = await must(['go', 'version'], { env })
  const ldflags = ['-s', '-w', ...Object.entries(variables).map(([key, value]) => `-X=${key}=${value}`)].join(' ')
  const inputs = [go, ldflags, new URL('go.mod', source), new URL('go.sum', source), new URL(import.meta.url)]
  return made(cache, name, inputs, async (folder) => {
    // nobody debugs these programs, and what a debugger would read is a tenth of the compiler's work
    const flags = ['-mod=readonly', '-p=2', '-gcflags=all=-dwarf=false', `-ldflags=${ldflags}`]
    const argv = ['go', 'build', ...flags, '-o', `${folder}/`, programs]
    // a third of that work is its own garbage collection: none before a process has 2 GiB, and two run at a time
    await mustLogged(argv, log, { cwd: fileURLToPath(source), env: { ...env, GOGC: 'off', GOMEMLIMIT: '2GiB' } })
    // etcd's main package is a folder named server
    if (name === 'etcd') await rename(join(folder, 'server'), join(folder, 'etcd'))
  })
}

async function pinned(module: string, path: string): Promise<string> {
  const text = await readFile(new URL(`${module}/go.mod`, modules), 'utf8').catch(() => {
    throw new Error(`no pinned module ${module} in ${fileURLToPath(modules)}`)
  })
  const version = text.match(new RegExp(`^\\s*(?:require )?${path.replaceAll('.', '\\.')} (v\\S+)`, 'm'))?.[1]
  if (version === undefined) throw new Error(`${module}/go.mod does not require ${path}`)
  return version
}
