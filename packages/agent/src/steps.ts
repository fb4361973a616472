import type { Step } from './plan.ts'
import type { Executors } from './steps/context.ts'
import { end } from './steps/end.ts'
import { enrolment } from './steps/enrolment.ts'
import { join } from './steps/join.ts'
import { look } from './steps/look.ts'
import { pullImages } from './steps/pull-images.ts'
import { recover } from './steps/recover.ts'

/** What each step of the plan does. A step without an entry does not compile. */
export const executors: Executors<Step['do']> = {
  ...look,
  ...enrolment,
  ...pullImages,
  ...join,
  ...recover,
  ...end
}
