import type { Step } from '../plan/step.ts'
import type { Executors } from './context.ts'
import { end } from './end.ts'
import { enrolment } from './enrolment.ts'
import { join } from './join.ts'
import { look } from './look.ts'
import { pullImages } from './pull-images.ts'
import { recover } from './recover.ts'

/** The executor of each step of the plan. A step without an entry does not compile. */
export const executors: Executors<Step['do']> = {
  ...look,
  ...enrolment,
  ...pullImages,
  ...join,
  ...recover,
  ...end
}
