import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../../core/base/budgets.ts'
import { Monotonic } from '../../core/base/clock.ts'
import { also, once } from '../../core/base/parts.ts'
import { Worker } from '../../core/base/worker.ts'
import { Enrolments } from '../../core/commit/enrolments.ts'
import { UniqueMachines } from '../../core/commit/unique-machines.ts'
import { Waiting } from '../../core/commit/waiting.ts'
import { common } from '../../core/common.ts'
import type { ServerConfig } from '../../core/config/config.ts'
import { Knocker } from '../../core/ports/dialler.ts'
import { Reconciler } from '../../core/reconcile/reconciler.ts'
import { AgentAnswers, OperatorAnswers } from '../../core/services/answers.ts'
import { findEnrolment } from '../../core/services/operator/reading.ts'
import { problemOf, Tell } from '../../core/services/told.ts'
import { Diagnoses } from './diagnoses.ts'
import { reportCauses } from './report-causes.ts'

/** Says why a Node is not Ready. */
export const diagnosis = (container: DependencyContainer, config: ServerConfig): void => {
  once(
    container,
    Diagnoses,
    (c) =>
      new Diagnoses({
        ...common(c),
        monotonic: c.resolve(Monotonic),
        enrolments: c.resolve(Enrolments),
        dialBack: c.resolve(Knocker),
        waiting: c.resolve(Waiting),
        nodes: () => c.resolve(Reconciler).nodes,
        isOn: config.diagnosis === 'on',
        budget: c.resolve(Budgets).diagnosis
      })
  )
  also(container, AgentAnswers, (c) => ({
    reportCauses: reportCauses({
      enrolments: c.resolve(Enrolments),
      machines: c.resolve(UniqueMachines),
      diagnoses: c.resolve(Diagnoses)
    })
  }))
  also(container, OperatorAnswers, (c) => ({
    why: async ({ params }) => c.resolve(Diagnoses).why(await findEnrolment(common(c).store, params.reference))
  }))
  also(container, Tell, (c) => async () => ({ unread: await problemOf(() => c.resolve(Diagnoses).check()) }))
  also(container, Worker, (c) => ({
    start: (stop) => {
      // a look may last as long as the API server likes
      void c.resolve(Diagnoses).start(stop)
      return undefined
    }
  }))
}
