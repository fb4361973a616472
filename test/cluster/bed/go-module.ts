import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { made } from './cache.ts'
import { must, mustLogged } from './run.ts'

/** Programs that are built from a pinned module, into one folder of the cache. */
export interface GoPrograms {
  /** Folder of `../go`. */
  module: string
  /** Name of the folder in the cache. */
  name: string
  /** Values of Go variables, as a release's own build sets them. */
  variables?: Readonly<Record<string, string>>
  /** Their packages. Default: every tool line of go.mod, so that go.mod is the one list of what is built. */
  packages?: readonly string[]
  /** True if the one package is of tests: `k8s.io/kubernetes/test/e2e` gives `e2e.test`. */
  ofTests?: boolean
  /** True if it has parts in C. It is linked statically. */
  withC?: boolean
}

const modules = new URL('../go/', import.meta.url)

/** Gives the folder with these programs, and builds them if it is not there. */
export async function buildPrograms(cache: string, programs: GoPrograms, log: string): Promise<string> {
  const { module, name, packages = ['tool'], ofTests = false, withC = false } = programs
  const source = new URL(`${module}/`, modules)
  const files = ['go.mod', 'go.sum'].map((file) => new URL(file, source))
  // the coming minor asks for a newer Go, which Go fetches
  const [, toolchain = 'local'] = /^toolchain (\S+)/m.exec(await readFile(new URL('go.mod', source), 'utf8')) ?? []
  const env = { CGO_ENABLED: withC ? '1' : '0', GOFLAGS: '', GOTOOLCHAIN: toolchain }
  const values = Object.entries(programs.variables ?? {}).map(([key, value]) => `-X=${key}=${value}`)
  const ldflags = ['-s', '-w', ...(withC ? ['-linkmode=external', '-extldflags=-static'] : []), ...values].join(' ')
  // nobody debugs these programs, and what a debugger would read is a tenth of the compiler's work
  const flags = ['-mod=readonly', '-p=2', '-gcflags=all=-dwarf=false', `-ldflags=${ldflags}`]
  const tags = withC ? ['-tags=netgo,osusergo'] : []
  const argv = ['go', ...(ofTests ? ['test', '-c', '-vet=off'] : ['build']), ...flags, ...tags]
  const inputs = [await must(['go', 'version'], { env }), ...argv, ...packages, env.CGO_ENABLED, ...files]
  return made(cache, name, inputs, async (folder) => {
    // a third of the compiler's work is its own garbage collection: none before a process has 2 GiB, and two run at a time
    const spare = { ...env, GOGC: 'off', GOMEMLIMIT: '2GiB' }
    await mustLogged([...argv, '-o', `${folder}/`, ...packages], log, { cwd: fileURLToPath(source), env: spare })
    // a main package may be a folder named after what it is within its project
    if (name === 'etcd') await rename(join(folder, 'server'), join(folder, 'etcd'))
  })
}

/** The version of a module that a folder of `../go` requires: `('1.37', 'k8s.io/kubernetes')` gives `v1.37.2`. */
export async function pinned(module: string, path: string): Promise<string> {
  const text = await readFile(new URL(`${module}/go.mod`, modules), 'utf8').catch(() => {
    throw new Error(`no pinned module ${module} in ${fileURLToPath(modules)}`)
  })
  const version = text.match(new RegExp(`^\\s*(?:require )?${path.replaceAll('.', '\\.')} (v\\S+)`, 'm'))?.[1]
  if (version === undefined) throw new Error(`${module}/go.mod does not require ${path}`)
  return version
}

/** Folder of the sources of a module that a folder of `../go` requires. */
export async function sourcesOf(module: string, path: string): Promise<string> {
  const env = { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }
  const cwd = fileURLToPath(new URL(`${module}/`, modules))
  return (await must(['go', 'list', '-m', '-f={{.Dir}}', path], { env, cwd })).trim()
}
