import { admission } from './admission.ts'
import { agent } from './agent.ts'
import { auditMutants } from './audit.ts'
import { clusterLogMutants } from './cluster-log.ts'
import { command } from './command.ts'
import { commitsOnce } from './commits.ts'
import { console } from './console.ts'
import { consolePage } from './console-page.ts'
import { credentials } from './credentials.ts'
import { decisions } from './decisions.ts'
import { eventMutants } from './events.ts'
import { gates } from './gates.ts'
import { guards } from './guards.ts'
import { historyMutants } from './histories.ts'
import { joins } from './joins.ts'
import { approvalJourneys } from './journeys/approval.ts'
import { certificateJourneys } from './journeys/certificates.ts'
import { codeJourneys } from './journeys/codes.ts'
import { controlPlaneJourneys } from './journeys/control-plane.ts'
import { doorJourneys } from './journeys/door.ts'
import { faultJourneys } from './journeys/faults.ts'
import { kubernetesDoorJourneys } from './journeys/kubernetes-door.ts'
import { nodeJourneys } from './journeys/nodes.ts'
import { storeJourneys } from './journeys/store.ts'
import { toldJourneys } from './journeys/told.ts'
import { wayBackJourneys } from './journeys/way-back.ts'
import { workerJourneys } from './journeys/worker.ts'
import { keys } from './keys.ts'
import { kubernetesDoor } from './kubernetes-door.ts'
import { leadership } from './leadership.ts'
import { logMutants } from './log.ts'
import { lost } from './lost.ts'
import { manyMachines } from './many.ts'
import { memory } from './memory.ts'
import { metrics } from './metrics.ts'
import { mirrorMutants } from './mirror.ts'
import { moving } from './moving.ts'
import type { Mutant } from './mutant.ts'
import { noticeMutants } from './notices.ts'
import { plan } from './plan.ts'
import { policyMutants } from './policy.ts'
import { prefetch } from './prefetch.ts'
import { rotation } from './rotation.ts'
import { saidByServer } from './said-by-server.ts'
import { servers } from './servers.ts'
import { store } from './store.ts'
import { strangers } from './strangers.ts'
import { survivors } from './survivors.ts'
import { tlog } from './tlog.ts'
import { versions } from './versions.ts'
import { wayBack } from './way-back.ts'
import { wayBackMachine } from './way-back-machine.ts'
import { why } from './why.ts'

export const mutants: readonly Mutant[] = [
  ...admission,
  ...guards,
  ...strangers,
  ...prefetch,
  ...store,
  ...credentials,
  ...decisions,
  ...gates,
  ...kubernetesDoor,
  ...command,
  ...commitsOnce,
  ...eventMutants,
  ...console,
  ...leadership,
  ...rotation,
  ...saidByServer,
  ...logMutants,
  ...historyMutants,
  ...lost,
  ...manyMachines,
  ...metrics,
  ...plan,
  ...agent,
  ...why,
  ...versions,
  ...wayBack,
  ...wayBackMachine,
  ...consolePage,
  ...noticeMutants,
  ...tlog,
  ...policyMutants,
  ...joins,
  ...auditMutants,
  ...keys,
  ...servers,
  ...mirrorMutants,
  ...clusterLogMutants,
  ...memory,
  ...moving,
  ...survivors,
  ...approvalJourneys,
  ...certificateJourneys,
  ...codeJourneys,
  ...controlPlaneJourneys,
  ...doorJourneys,
  ...faultJourneys,
  ...kubernetesDoorJourneys,
  ...nodeJourneys,
  ...storeJourneys,
  ...toldJourneys,
  ...wayBackJourneys,
  ...workerJourneys
]
