import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../terminal/errors.ts'
import { contentPolicy } from './guard/judge-request.ts'

/** A file of the page. */
export interface Asset {
  type: string
  content: Buffer
  /** Content security policy of a page, which names the style sheet in it. */
  policy?: string
}

/** The files of the page by their paths. Nothing else is ever read for a request. */
export type Assets = ReadonlyMap<string, Asset>

/** Media types of the files that Vite makes. A file of another kind is not served. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2'
}

/** Folders in which the built page may be: beside the packaged program, or in the tree. */
const folders = ['console', '../../../console/dist'].map((folder) => resolve(import.meta.dirname, folder))

/** Reads the built page, in the given folder or where it is beside the program. Throws if nobody has built it. */
export const readAssets = (given?: string): Assets => {
  const folder = (given === undefined ? folders : [given]).find((one) => filesOf(one).includes('index.html'))
  if (folder === undefined) {
    throw new CommandEnd(exitCodes.failure, 'the page of the console is not built', 'npx -y pnpm@12.4.2 build:console')
  }
  return new Map(
    filesOf(folder).flatMap((file) => {
      const type = types[extname(file)]
      if (type === undefined) return []
      const content = readFileSync(join(folder, file))
      return [[`/${file}`, { type, content, ...(type === types['.html'] && { policy: pagePolicy(`${content}`) }) }]]
    })
  )
}

/** The content security policy of a page: no other style sheet in a page is heeded than the built one. */
export const pagePolicy = (page: string): string =>
  contentPolicy(
    [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(
      ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    )
  )

const filesOf = (folder: string): string[] => {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
