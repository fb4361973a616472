import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { enrolmentPicture } from './enrolment-picture.ts'
import { statesPage } from './states-page.ts'

const docs = join(import.meta.dirname, '..')
writeFileSync(join(docs, 'enrolment.svg'), enrolmentPicture())
writeFileSync(join(docs, 'reference/states.md'), statesPage())
