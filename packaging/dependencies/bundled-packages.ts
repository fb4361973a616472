import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Metafile } from 'esbuild'
import { root } from '../bundle/bundle.ts'
import { carriedFiles, packageFolders } from './package-folders.ts'

/** A npm package that has code in a package of ours. */
export interface BundledPackage {
  name: string
  version: string
  /** As its package.json has it: an expression of SPDX. */
  license: string
  /** From the root of the repository. */
  folder: string
}

/** The npm packages with code in the bundles, in a fixed order. `more`: files that went into the package by another way. */
export const bundledPackages = (bundles: readonly Metafile[], more: readonly string[] = []): BundledPackage[] =>
  packageFolders([...carriedFiles(bundles), ...more.map((file) => relative(root, file))]).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8'))
    return { name, version, license, folder }
  })
