import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/** Loads axe as a program of the browser: the CSP of the page lets no other script in. */
export const loadAxe = (page: Page): Promise<unknown> => page.evaluate(`${axe}; undefined`)

/** What axe, which is loaded, finds wrong on the page, by the rules of WCAG 2.2 AA and its best practices. */
export const violationsOf = async (page: Page): Promise<string[]> => {
  // all that axe has seen is megabytes, which take four times as long to hand over as to find
  const violations = await page.evaluate<Violation[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)"
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}
