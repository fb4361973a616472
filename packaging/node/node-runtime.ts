import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Architecture } from '../architecture.ts'
import type { PackageFile } from '../debian/deb.ts'
import { tool } from '../tool.ts'
import binaries from './node-binaries.json' with { type: 'json' }
import { npmNode } from './npm-node.ts'
import { pinnedLibatomic } from './pinned-libatomic.ts'
import { checkPinnedNode } from './pinned-node.ts'

export interface NodeRuntime {
  /** For `folder` on the machine. */
  files: (folder: string) => PackageFile[]
  licence: string
  /** SHA-256 of bin/node as its publishers ship it, before its symbols are stripped. */
  sha256: string
  /** The package of Debian that libatomic is of, and its version, as in "libatomic1 12.2.0-14". */
  libatomic: string
}

/**
 * Node as npm has it, without its symbols. libatomic, which a minimal Debian lacks and a machine without a way to a mirror
 * cannot get, comes along; node finds it beside itself, and no other program does.
 */
export const nodeRuntime = (architecture: Architecture): NodeRuntime => {
  const source = npmNode(architecture)
  const scratch = mkdtempSync(`${tmpdir()}/joinery-node-`)
  try {
    checkPinnedNode(readFileSync(`${source}/bin/node`), architecture, `${source}/bin/node`)
    const path = `${scratch}/node`
    tool(`${architecture.gnu}-strip`, '--strip-all', '-o', path, `${source}/bin/node`)
    tool('patchelf', '--set-rpath', '$ORIGIN', path)
    const atomicPath = libatomicPath(architecture)
    const [node, atomic] = [readFileSync(path), readFileSync(atomicPath)]
    return {
      sha256: binaries.sha256[architecture.debian],
      libatomic: pinnedLibatomic(atomic, architecture, atomicPath),
      files: (folder) => [
        { path: `${folder}/node`, mode: 0o755, content: node },
        { path: `${folder}/libatomic.so.1`, mode: 0o644, content: atomic }
      ],
      licence: readFileSync(`${source}/LICENSE`, 'utf8')
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

/** The build machine's own, or that for cross compilers. */
const libatomicPath = ({ gnu, debian }: Architecture): string => {
  const found = [`/usr/lib/${gnu}/libatomic.so.1`, `/usr/${gnu}/lib/libatomic.so.1`].find((path) => existsSync(path))
  if (found === undefined) throw new Error(`libatomic.so.1 is missing: apt install libatomic1-${debian}-cross`)
  return found
}
