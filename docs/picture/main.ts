import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { enrolmentPicture } from './enrolment-picture.ts'

writeFileSync(join(import.meta.dirname, '../enrolment.svg'), enrolmentPicture())
