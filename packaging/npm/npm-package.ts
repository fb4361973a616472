import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { bundle, policyWorker, version } from '../bundle/bundle.ts'
import { pagesNamed } from '../bundle/pages.ts'
import { bundledLicences } from '../dependencies/bundled-licences.ts'
import { bundledPackages } from '../dependencies/bundled-packages.ts'
import type { Shipped } from '../evidence/materials.ts'
import { type Sum, sha256 } from '../evidence/sums.ts'
import { tool } from '../tool.ts'

/** What npm has to know. A laptop gets no dependencies, and nothing runs when it installs the package. */
const packageJson = {
  name: 'joinery',
  version,
  description: 'Decides which machines join a kubeadm cluster: the command of its operators, also as kubectl joinery',
  license: 'Apache-2.0',
  type: 'module',
  // the processor time of a thread came with it, which bounds a policy
  engines: { node: '>=24.6' },
  bin: { joinery: 'joinery.mjs', 'kubectl-joinery': 'joinery.mjs' },
  files: ['joinery.mjs', 'agents.sha256', 'policy-worker.mjs', 'console', 'docs', 'licences']
}

interface NpmPackage {
  path: string
  shipped: Shipped
  /** As PROGRAMS names its program files. */
  programs: readonly Sum[]
}

/**
 * Builds `<target>/joinery-<version>.tgz`, for `npm install --global`: the command in one file, the thread of its policies, the
 * page of the console and the sums of the agents from dist/cli, the pages that messages name, and the licences. `console`: modules of that page. The same input gives the same bytes.
 */
export const buildNpmPackage = async (target: string, console: readonly string[]): Promise<NpmPackage> => {
  const folder = `${target}/npm`
  const metafile = await bundle('packages/cli/src/main.ts', `${folder}/joinery.mjs`, {
    beside: policyWorker,
    pages: 'docs',
    esbuild: { target: 'node24' }
  })
  cpSync('dist/cli/console', `${folder}/console`, { recursive: true })
  cpSync('dist/cli/agents.sha256', `${folder}/agents.sha256`)
  cpSync('packaging/npm/README.md', `${folder}/README.md`)
  cpSync('LICENSE', `${folder}/LICENSE`)
  for (const page of pagesNamed(metafile)) cpSync(`docs/${page}`, `${folder}/docs/${page}`)
  const packages = bundledPackages([metafile], console)
  writeFileSync(`${folder}/licences`, bundledLicences(packages))
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(packageJson, undefined, 2)}\n`)
  const programs = ['joinery.mjs', 'policy-worker.mjs'].map((name) => `${folder}/${name}`)
  return {
    path: packed(folder, target),
    shipped: { purl: `pkg:npm/joinery@${version}`, name: 'joinery', version, packages },
    programs: programs.map((file) => ({ name: `npm/${basename(file)}`, sha256: sha256(readFileSync(file)) }))
  }
}

/**
 * Packs a folder with npm, and gives the path of the archive. Everybody may read each file, whatever the umask was: npm takes modes as they
 * are, and a package that root installs is for all users.
 */
export const packed = (folder: string, target: string): string => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    chmodSync(`${entry.parentPath}/${entry.name}`, entry.isDirectory() ? 0o755 : 0o644)
  }
  return `${target}/${tool('npm', 'pack', '--silent', '--pack-destination', target, resolve(folder))}`
}
