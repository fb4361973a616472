import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { states, transitions } from '@joinery/protocol'
import t from 'tap'
import { enrolmentPicture } from '../../docs/picture/enrolment-picture.ts'

const docs = join(import.meta.dirname, '../../docs')

t.test('the picture in the docs is drawn from the enrolment table as it is', async (t) => {
  const drawn = readFileSync(join(docs, 'enrolment.svg'), 'utf8')
  t.equal(drawn, enrolmentPicture(), 'else run: node_modules/.bin/node docs/picture/main.ts')
  for (const state of states) {
    t.match(drawn, `>${state}</text>`)
    for (const [event, to] of Object.entries(transitions[state])) if (to !== state) t.match(drawn, `>${event}</tspan>`)
  }
})
