import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildConsole } from '@joinery/console/build'
import { otherProcess } from '@joinery/testing/clocks/eventually'
import { needs } from '@joinery/testing/processes/needs'
import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { ownBrowser } from './own-browser.ts'

const root = resolve(import.meta.dirname, '../..')

/** Places of the system's browser on Debian and on those that are like it. */
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

/** Start of the browser: the system's, or else the one that comes along. Throws if there is none. */
const browserHere = (): LaunchOptions => {
  const executablePath = places.find((place) => existsSync(place))
  return executablePath === undefined ? ownBrowser() : { executablePath }
}

/** Starts the browser. */
export const startBrowser = (here = browserHere()): Promise<Browser> =>
  // in a container root has no sandbox, and no page but ours is opened
  chromium.launch({ ...here, args: ['--no-sandbox'] })

/**
 * Starts the browser, and ends it after the test. Gives what opens a page in it, and the reason to skip the tests if there is no
 * browser.
 */
export const openBrowser = async (t: Test): Promise<{ skip: string | false; openPage: OpenPage }> => {
  let here: LaunchOptions | undefined
  try {
    here = browserHere()
  } catch (error) {
    t.comment(String(error))
  }
  const skip = needs('chromium', () => here !== undefined)
  if (skip !== false) return { skip, openPage: () => Promise.reject(new Error(skip)) }
  // without one this throws: nothing is skipped in CI
  const browser = await startBrowser(here)
  t.teardown(() => browser.close())
  return { skip, openPage: (colorScheme) => openPage(browser, colorScheme) }
}

export type Scheme = 'light' | 'dark'

/** A page of the console, and all that went wrong on it. */
export interface Watched {
  page: Page
  errors: string[]
}

type OpenPage = (colorScheme?: Scheme) => Promise<Watched & { context: BrowserContext }>

/** Opens a page that notes each error of its own, each refused resource and each breach of its CSP. */
export const openPage = async (
  browser: Browser,
  colorScheme: Scheme = 'light'
): Promise<Watched & { context: BrowserContext }> => {
  const viewport = { width: 1440, height: 900 }
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
