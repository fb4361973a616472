import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../../core/base/budgets.ts'
import { Monotonic } from '../../core/base/clock.ts'
import { also, ifThere, once } from '../../core/base/parts.ts'
import { Worker } from '../../core/base/worker.ts'
import { codesIn, Follower } from '../../core/commit/commits.ts'
import { UniqueMachines } from '../../core/commit/unique-machines.ts'
import { common } from '../../core/common.ts'
import type { ServerConfig } from '../../core/config/config.ts'
import { lifetimesOf } from '../../core/config/lifetimes.ts'
import { Bounds } from '../../core/credentials/bounds.ts'
import { Generations } from '../../core/generation/generations.ts'
import { Metered } from '../../core/ports/metered.ts'
import { Codes } from '../../core/ports/objects/codes.ts'
import { Decisions } from '../../core/ports/objects/decisions.ts'
import { Views } from '../../core/ports/objects/views.ts'
import { AgentPackages } from '../../core/ports/store/agent-packages.ts'
import { ObjectsAsked } from '../../core/ports/store/objects-asked.ts'
import { ReachedAt } from '../../core/services/code/other-servers.ts'
import { CodeService } from '../../core/services/code-service.ts'
import { OperatorService } from '../../core/services/operator-service.ts'
import { Tell } from '../../core/services/told.ts'
import { Statements } from '../../core/trust/statements.ts'
import { startReading } from './asked/reading.ts'
import { CodeReader } from './codes/code-reader.ts'
import { CodeStatuses } from './codes/code-statuses.ts'
import { DecisionReader } from './decisions/decision-reader.ts'
import { installationView } from './installation-view.ts'
import { ViewWriter } from './view-writer.ts'

/** Shows the enrolments in Kubernetes, and reads there what operators decide and ask for: as far as the program has where to. */
export const kubernetesApi = (container: DependencyContainer, config: ServerConfig): void => {
  showViews(container, config)
  readDecisions(container)
  readCodes(container)
}

const showViews = (container: DependencyContainer, config: ServerConfig): void => {
  if (!container.isRegistered(Views)) return
  once(container, ViewWriter, (c) => {
    const views = c.resolve(Views)
    return new ViewWriter({
      ...common(c),
      views: ifThere(c, Metered)?.views(views) ?? views,
      machines: c.resolve(UniqueMachines),
      lifetimes: lifetimesOf(config),
      installation: async () =>
        installationView(
          c.resolve(ReachedAt)(),
          await common(c).cluster.endpoint(),
          await c.resolve(AgentPackages).current(),
          c.resolve(Statements).shown
        ),
      budget: c.resolve(Budgets).views,
      monotonic: c.resolve(Monotonic)
    })
  })
  also(container, Follower, (c) => ({ name: 'views', take: (committed) => c.resolve(ViewWriter).take(committed) }))
  also(container, Tell, (c) => async () => ({ remedies: c.resolve(ViewWriter).remedies }))
  also(container, Worker, (c) => ({ start: (stop) => c.resolve(ViewWriter).start(stop) }))
}

const readDecisions = (container: DependencyContainer): void => {
  once(
    container,
    DecisionReader,
    (c) =>
      new DecisionReader({
        ...common(c),
        asked: c.resolve(ObjectsAsked),
        decisions: metered(c, 'decisions', c.resolve(Decisions)),
        operators: c.resolve(OperatorService),
        bounds: c.resolve(Bounds),
        budgets: c.resolve(Budgets).decisions
      })
  )
  also(container, Tell, (c) => async () => ({
    remedies: c.isRegistered(Decisions) ? c.resolve(DecisionReader).remedies : []
  }))
  also(container, Worker, (c) => ({
    start: async (stop) => {
      const objects = ifThere(c, Decisions)
      if (objects === undefined) return
      const reader = c.resolve(DecisionReader)
      const { log } = common(c)
      const { decisions: budgets } = c.resolve(Budgets)
      startReading({ look: () => reader.look(), objects, plural: 'Decisions', log, budgets }, stop)
    }
  }))
}

const readCodes = (container: DependencyContainer): void => {
  once(
    container,
    CodeStatuses,
    (c) =>
      new CodeStatuses({
        ...common(c),
        asked: c.resolve(ObjectsAsked),
        codes: metered(c, 'codes', c.resolve(Codes)),
        monotonic: c.resolve(Monotonic),
        budgets: c.resolve(Budgets).codes
      })
  )
  once(
    container,
    CodeReader,
    (c) =>
      new CodeReader({
        ...common(c),
        asked: c.resolve(ObjectsAsked),
        codes: metered(c, 'codes', c.resolve(Codes)),
        service: c.resolve(CodeService),
        statuses: c.resolve(CodeStatuses),
        generations: c.resolve(Generations),
        budgets: c.resolve(Budgets).codes
      })
  )
  also(container, Follower, (c) => ({
    name: 'statuses of Codes',
    take: ({ change }) => {
      if (c.isRegistered(Codes)) for (const id of codesIn(change)) c.resolve(CodeStatuses).note(id)
    }
  }))
  also(container, Tell, (c) => async () => ({
    remedies: c.isRegistered(Codes) ? c.resolve(CodeReader).remedies : []
  }))
  also(container, Worker, (c) => ({
    start: async (stop) => {
      const objects = ifThere(c, Codes)
      if (objects === undefined) return
      const reader = c.resolve(CodeReader)
      const { log } = common(c)
      const { codes: budgets } = c.resolve(Budgets)
      const lookAgain = startReading({ look: () => reader.look(), objects, plural: 'Codes', log, budgets }, stop)
      c.resolve(CodeStatuses).start(lookAgain, stop)
    }
  }))
}

const metered = <Objects extends Decisions | Codes>(
  c: DependencyContainer,
  part: 'decisions' | 'codes',
  objects: Objects
): Objects => ifThere(c, Metered)?.asked(part, objects) ?? objects
