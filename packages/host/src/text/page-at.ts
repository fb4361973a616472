import { resolve } from 'node:path'

declare const JOINERY_PAGES: string | undefined

/**
 * Place of a page of docs/ that a message names, such as `how-to/policy.md`. A program is built with the folder of its pages, from its
 * own, and its package brings each page that it names so.
 */
export const pageAt = (page: string): string =>
  typeof JOINERY_PAGES === 'undefined' ? `docs/${page}` : resolve(import.meta.dirname, JOINERY_PAGES, page)
