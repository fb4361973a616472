import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildConsole } from '@joinery/console/build'
import { otherProcess } from '@joinery/testing/clocks/eventually'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'

const root = resolve(import.meta.dirname, '../..')

/** Places of the browser on Debian and on those that are like it. Playwright's own cannot be downloaded everywhere. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Folder of the screenshots. It is never committed. */
export const pictures = join(root, '.tap/console-pictures')

/** Builds the page into a folder of its own: a test changes nothing that a program serves. */
export const buildPage = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-page-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await buildConsole(folder)
  return folder
}

/** Starts the browser. */
export const startBrowser = async (): Promise<Browser> => {
  const executablePath = places.find((place) => existsSync(place))
  if (executablePath === undefined) throw new Error('these tests need a browser: apt-get install chromium')
  // in a container root has no sandbox, and no page but ours is opened
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** Starts the browser, and ends it after the test. */
export const openBrowser = async (t: Test): Promise<Browser> => {
  const browser = await startBrowser()
  t.teardown(() => browser.close())
  return browser
}

export type Scheme = 'light' | 'dark'

/** A page of the console, and all that went wrong on it. */
export interface Watched {
  page: Page
  errors: string[]
}

/** Opens a page that notes each error of its own, each refused resource and each breach of its CSP. */
export const openPage = async (
  browser: Browser,
  colorScheme: Scheme = 'light',
  viewport = { width: 1440, height: 900 }
): Promise<Watched & { context: BrowserContext }> => {
  const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
  context.setDefaultTimeout(otherProcess.patience)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return { page, errors, context }
}

/** Keeps a picture of the page as people see it. */
export const picture = async (page: Page, name: string): Promise<void> => {
  await mkdir(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}
