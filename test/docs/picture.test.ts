import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enrolmentPicture } from '../../docs/picture/enrolment-picture.ts'
import { roomsOf } from '../../docs/picture/rooms-of.ts'
import { roomsPicture } from '../../docs/picture/rooms-picture.ts'
import { statesPage } from '../../docs/picture/states-page.ts'
import { tracePicture } from '../../docs/picture/trace-picture.ts'
import { sources } from '../layout/sources.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8')

for (const [name, text] of Object.entries({
  'enrolment.svg': enrolmentPicture(),
  'reference/states.md': statesPage(),
  'join-trace.svg': tracePicture(JSON.parse(read('picture/join-trace.json'))),
  'contributing/rooms.svg': roomsPicture(roomsOf(sources))
})) {
  t.test(`docs/${name} is as the code draws it`, async (t) => {
    t.equal(read(name), text, 'else run: node_modules/.bin/node docs/picture/main.ts')
  })
}
