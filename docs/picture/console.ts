import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openPage, startBrowser } from '../../test/console/browser.ts'
import { consolePicture } from './console-picture.ts'

// apart from main.ts: it takes a browser, and no two pictures are the same
const browser = await startBrowser()
try {
  const { page } = await openPage(browser)
  writeFileSync(join(import.meta.dirname, '../console.png'), await consolePicture(page))
} finally {
  await browser.close()
}
