import type { Files } from '@joinery/host/files'

export interface MemoryFiles extends Files {
  /** Adds to a file, and makes it if there is none. */
  append(path: string, text: string): void
  /** Removes every file below the folder. */
  clear(folder: string): void
}

/** Files in memory. A folder is there while a file is in it. */
export const memoryFiles = (): MemoryFiles => {
  const texts = new Map<string, string>()
  const modes = new Map<string, number>()
  return {
    read: async (path) => texts.get(path),
    exists: async (path) => texts.has(path),
    stat: async (path) => {
      const text = texts.get(path)
      if (text === undefined) return undefined
      return { kind: 'file', size: Buffer.byteLength(text), mode: modes.get(path) ?? 0o644, inode: 0 }
    },
    list: async (path) => {
      const below = [...texts.keys()].filter((file) => file.startsWith(`${path}/`))
      return [...new Set(below.map((file) => file.slice(path.length + 1).replace(/\/.*/, '')))].sort()
    },
    write: async (path, text, mode) => {
      texts.set(path, text)
      modes.set(path, mode)
    },
    create: async (path, text, mode) => {
      if (texts.has(path)) return false
      texts.set(path, text)
      modes.set(path, mode)
      return true
    },
    edit: async (path, change) => {
      const text = texts.get(path)
      if (text !== undefined) texts.set(path, change(text))
    },
    makeFolder: async () => {},
    set: async (path, text) => {
      if (!texts.has(path)) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' })
      texts.set(path, text)
    },
    remove: async (path) => void texts.delete(path),
    append: (path, text) => void texts.set(path, (texts.get(path) ?? '') + text),
    clear: (folder) => {
      for (const path of texts.keys()) if (path.startsWith(`${folder}/`)) texts.delete(path)
    }
  }
}
