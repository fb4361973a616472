import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sources } from '../../test/layout/sources.ts'
import { enrolmentPicture } from './enrolment-picture.ts'
import { roomsOf } from './rooms-of.ts'
import { roomsPicture } from './rooms-picture.ts'
import { statesPage } from './states-page.ts'
import { tracePicture } from './trace-picture.ts'

const docs = join(import.meta.dirname, '..')
writeFileSync(join(docs, 'enrolment.svg'), enrolmentPicture())
writeFileSync(join(docs, 'reference/states.md'), statesPage())
const trace = JSON.parse(readFileSync(join(import.meta.dirname, 'join-trace.json'), 'utf8'))
writeFileSync(join(docs, 'join-trace.svg'), tracePicture(trace))
writeFileSync(join(docs, 'contributing/rooms.svg'), roomsPicture(roomsOf(sources)))
