import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Pin } from './pins.ts'

/** Sources of one minor of Kubernetes. */
export interface Sources {
  minor: number
  version: string
  /** Text of a file by its path in k8s.io/kubernetes. Empty if there is no such file. */
  read(path: string): string
  /** True if some file of kubeadm, the kubelet or what these are made of has the text. */
  has(text: string): boolean
}

const run = promisify(execFile)

/** Folders in which the texts of kubeadm, of the kubelet and of the API server's refusals of it are. */
const folders = ['cmd/kubeadm/app', 'cmd/kubelet', 'pkg/kubelet', 'pkg/volume', 'pkg/util', 'plugin/pkg/admission']

/**
 * sourcesOf fetches the sources of a pinned version into Go's module cache, if they are not there. Throws if they are not the ones that
 * were pinned.
 */
export const sourcesOf = async ({ minor, version, sum, toolchain = 'local' }: Pin): Promise<Sources> => {
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: toolchain }
  const { stdout } = await run('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`], {
    cwd: tmpdir(),
    env
  })
  const { Dir, Sum } = JSON.parse(stdout) as { Dir: string; Sum: string }
  if (Sum !== sum) throw new Error(`k8s.io/kubernetes ${version} is ${Sum}, and ${sum} was pinned`)
  const read = (path: string): string => {
    try {
      return readFileSync(join(Dir, path), 'utf8')
    } catch {
      return ''
    }
  }
  let texts: string | undefined
  return {
    minor,
    version,
    read,
    has: (text) => {
      texts ??= globSync(
        folders.map((folder) => `${folder}/**/*.go`),
        { cwd: Dir }
      )
        .filter((path) => !path.endsWith('_test.go'))
        .map(read)
        .join('\n')
      return texts.includes(text)
    }
  }
}

/** Versions of Kubernetes that Go's module proxy lists, as `v1.37.2`. */
export const versionsInProxy = async (): Promise<string[]> => {
  const { stdout } = await run('go', ['list', '-m', '-versions', 'k8s.io/kubernetes'], { cwd: tmpdir() })
  return stdout.trim().split(' ').slice(1)
}
