import t from 'tap'
import { apiDesk } from './api-desk.ts'
import { openBed } from './bed/bed.ts'
import { attackContracts } from './contract/attacks.ts'
import { clusterContracts } from './contract/cluster.ts'
import { codeRefusals } from './contract/codes.ts'
import { decisionRefusals } from './contract/decisions.ts'
import { logContracts } from './contract/log.ts'
import { inviteOperators } from './contract/operators.ts'
import { shownRefusals } from './contract/shown.ts'
import type { ContractSite } from './contract/site.ts'
import { installProduct } from './product.ts'

t.setTimeout(0)

/** The contract of the guard and of the policies on a real API server: one control plane, and no machine but by its calls. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)
const site: ContractSite = { bed, product: await installProduct(bed), api: await apiDesk(bed) }

t.test('attacks on the guard', (t) => attackContracts(t, site))

t.test('the cluster', async (t) => {
  // it is unsafe for a moment, and tokens are counted: nobody else may be at work
  await site.product.kill()
  await clusterContracts(t, site)
})

t.test('the door', async (t) => {
  await inviteOperators(site)
  await decisionRefusals(t, site)
  await codeRefusals(t, site)
  await shownRefusals(t, site)
})

t.test('the log', (t) => logContracts(t, site))
