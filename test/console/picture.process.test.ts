import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { consolePicture } from '../../docs/picture/console-picture.ts'
import { openBrowser } from './browser.ts'

// the demo builds the page the first time
t.setTimeout(240_000)
const { skip, openPage } = await openBrowser(t)
const root = join(import.meta.dirname, '../..')

/** Width and height of a PNG: they follow its signature and the head of its first chunk. */
const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)]

t.test(
  'the command that makes the picture of the console makes one of its size, and the page has no error',
  { skip },
  async (t) => {
    const { page, errors, context } = await openPage()
    t.teardown(() => context.close())
    const made = await consolePicture(page)
    t.same(
      sizeOf(made),
      sizeOf(readFileSync(join(root, 'docs/console.png'))),
      'else run: node_modules/.bin/node docs/picture/console.ts'
    )
    t.same(errors, [])
  }
)
