import { readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Metafile } from 'esbuild'
import { root } from './bundle.ts'

/**
 * Name and version of each npm package that went into the bundles, with the text of its licence. `more`: files that went into the
 * package by another way.
 */
export const bundledLicences = (bundles: readonly Metafile[], more: readonly string[] = []): string => {
  const files = [...bundles.flatMap(({ inputs }) => Object.keys(inputs)), ...more.map((file) => relative(root, file))]
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])
  return [...new Set(folders)]
    .sort()
    .map((folder) => licence(`${root}/${folder}`))
    .join('\n')
}

const licence = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : readFileSync(`${folder}/${file}`, 'utf8')
  return `==== ${name} ${version} (${license})\n\n${text}`
}
