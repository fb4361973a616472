import { dirname, resolve } from 'node:path'
import type { Files } from '@joinery/host/files'
import { parse, type TomlTable } from 'smol-toml'
import { othersFile } from '../others-file.ts'
import { criPlugins } from './edit-config.ts'

/**
 * The first import of containerd's configuration (`text`, at `path`) that has a say in what would be edited, in
 * words. Imported files come after the file itself. In containerd 1 an import replaces the whole of a plugin's
 * configuration.
 */
export const importsInTheWay = async (files: Files, path: string, text: string): Promise<string | undefined> => {
  for (const pattern of strings(parse(text).imports)) {
    const found = await imported(files, resolve(dirname(path), pattern))
    if (found === undefined) return `it imports ${pattern}`
    for (const file of found) {
      const read = await othersFile(files, file)
      if (read === 'absent') continue
      if ('problem' in read || hasSay(read.text)) return `it imports ${file}, which may change the same settings`
    }
  }
  return undefined
}

/** Paths of the files that a pattern stands for. Undefined if it is a pattern of another kind than the usual one. */
const imported = async (files: Files, pattern: string): Promise<string[] | undefined> => {
  if (!/[*?[\\]/.test(pattern)) return [pattern]
  const [, folder] = /^([^*?[\\]*)\/\*\.toml$/.exec(pattern) ?? []
  if (folder === undefined) return undefined
  return (await files.list(folder)).filter((name) => name.endsWith('.toml')).map((name) => `${folder}/${name}`)
}

const hasSay = (text: string): boolean => {
  try {
    const { plugins = {}, disabled_plugins, imports } = parse(text) as TomlTable
    const named = [...Object.keys(plugins), ...strings(disabled_plugins)]
    return named.some((name) => criPlugins.includes(name)) || strings(imports).length > 0
  } catch {
    return true
  }
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
