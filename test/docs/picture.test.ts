import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { states, transitions } from '@joinery/protocol'
import t from 'tap'
import { enrolmentPicture } from '../../docs/picture/enrolment-picture.ts'
import { questions } from '../../docs/picture/questions.ts'
import { statesPage } from '../../docs/picture/states-page.ts'

const docs = join(import.meta.dirname, '../../docs')

t.test('the picture in the docs is drawn from the present enrolment table', async (t) => {
  const drawn = readFileSync(join(docs, 'enrolment.svg'), 'utf8')
  t.equal(drawn, enrolmentPicture(), 'else run: node_modules/.bin/node docs/picture/main.ts')
  for (const state of states) {
    t.match(drawn, `>${state}</text>`, state)
    for (const [event, to] of Object.entries(transitions[state]))
      if (to !== state) t.match(drawn, `>${event}</tspan>`, event)
  }
})

t.test('the page of states and its times are written from the present enrolment table', async (t) => {
  const page = readFileSync(join(docs, 'reference/states.md'), 'utf8')
  t.equal(page, statesPage(), 'else run: node_modules/.bin/node docs/picture/main.ts')
  t.match(page, /\| `clock` \| 7 d \| 1 d \| 10 or 30 min \| {2}\| {2}\| 7 d \| 7 d \| {2}\| {2}\| {2}\| {2}\|/)
  t.match(page, /\| `holdsName` \| {2}\| ● \| ● \| ● \| ● \| ● \| {2}\| {2}\| {2}\| {2}\| {2}\|/)
})

t.test('the picture shows what each state means, and its time', async (t) => {
  const drawn = readFileSync(join(docs, 'enrolment.svg'), 'utf8')
  for (const words of Object.values(questions)) t.match(drawn, `>${words}</text>`, words)
  for (const time of ['7 d', '1 d', '10 or 30 min']) t.match(drawn, `>${time}</text>`, time)
})
