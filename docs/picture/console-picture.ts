import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { runDemo } from '../../demo/demo.ts'

/** Size in pixels. The README shows the picture as wide as its text. */
const viewport = { width: 1200, height: 660 }

/** State of each machine of the demo when it has come as far as it comes without a person. */
const scene = { 'edge-1': 'ready', 'edge-2': 'pending', 'edge-3': 'approved', 'edge-4': 'joined' }

/** A picture of the real console, as PNG, drawn in this page, which it closes: machines of the demo, one of which waits and is looked at. */
export const consolePicture = async (page: Page): Promise<Buffer> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-console-'))
  const stop = new AbortController()
  const { promise, resolve: link } = Promise.withResolvers<string>()
  const parts = { once: false, screen: () => {}, link, finale: async () => {} }
  const demo = runDemo({ folder, ...parts, signal: stop.signal })
  try {
    // a demo that fails has no link
    await look(page, await Promise.race([promise, demo.then(() => '')]))
    return await page.screenshot()
  } finally {
    // before its console ends, which would be an error of the page
    await page.close()
    stop.abort()
    await demo.finally(() => rm(folder, { recursive: true }))
  }
}

/** Opens the page of machines by the link, waits for the scene, and opens the machine that waits. */
const look = async (page: Page, link: string): Promise<void> => {
  await page.setViewportSize(viewport)
  await page.goto(link)
  await page.getByRole('link', { name: 'Machines' }).click()
  for (const [name, state] of Object.entries(scene)) {
    await page.getByRole('row').filter({ hasText: name }).getByText(state, { exact: true }).waitFor()
  }
  await page.getByRole('link', { name: 'edge-2' }).click()
  await page.locator('.detail .compared').waitFor()
  // no row is under the mouse
  await page.mouse.move(0, 0)
  // not the name of the host that makes the picture
  await page.locator('.brand strong .name').evaluate((name) => {
    name.textContent = 'cp-1'
  })
}
