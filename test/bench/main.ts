import { parseArgs } from 'node:util'
import { approval } from './approval.ts'
import { approvals } from './cluster/approvals.ts'
import { clusterStore } from './cluster/cluster-store.ts'
import { failover } from './cluster/failover.ts'
import { joins } from './cluster/joins.ts'
import { consolePage } from './console.ts'
import { csrApprovals } from './csr-approvals.ts'
import { doorApprovals } from './door/approvals.ts'
import { viewsCost } from './door/views.ts'
import { enrolments } from './enrolments.ts'
import { type Figure, isMet, line } from './figure.ts'
import { growthOf } from './growth.ts'
import { hostile } from './hostile.ts'
import { leaseBan } from './lease-ban.ts'
import { logWrites } from './log.ts'
import { packageSizes } from './packages.ts'
import { prefetchTime } from './prefetch/prefetch.ts'
import { preflightTime } from './preflight.ts'
import { severalServers } from './several-servers.ts'
import { sideBySide } from './side-by-side.ts'
import type { Size } from './size.ts'
import { versions } from './versions.ts'
import { waitingAgents } from './waiting.ts'

const parts: Record<string, (size: Size) => Promise<Figure[]>> = {
  approval,
  enrolments,
  preflight: preflightTime,
  waiting: waitingAgents,
  'several-servers': severalServers,
  growth: growthOf,
  hostile,
  packages: packageSizes,
  csrs: csrApprovals,
  leases: leaseBan,
  log: logWrites,
  'cluster-store': clusterStore,
  approvals,
  joins,
  failover,
  decisions: doorApprovals,
  views: viewsCost,
  'side-by-side': sideBySide,
  prefetch: prefetchTime,
  console: consolePage
}

const help = `Examples:
  pnpm bench                         all of it: two hours and a half, root, and for csrs, leases, log, cluster-store,
                                     approvals, joins, failover, decisions, views, side-by-side and prefetch what
                                     test:cluster needs
  pnpm bench approval enrolments     only these parts
  pnpm bench --check enrolments      ends with 1 if a target is missed
  pnpm bench several-servers         200 agents whose server is killed: half a minute
  pnpm bench console                 what the page of 2,000 machines costs in a browser: needs chromium, a minute
  pnpm bench growth                  what a server costs that has let in thousands: five minutes
  pnpm bench views                   what it costs Kubernetes to show 25,000 enrolments: twenty minutes
  pnpm bench prefetch                approve to Ready beside bare kubeadm, with images on a slow line: 40 minutes
  pnpm bench log                     what a commit and a document of the log in the cluster take: two minutes
  pnpm bench cluster-store           what store: cluster costs beside store: file: a quarter of an hour
  pnpm bench approvals               2,000 approvals at once on a real API server: five minutes
  pnpm bench joins                   what a join costs a control plane beside a bare one: a quarter of an hour
  pnpm bench failover                2,000 agents whose server of three is killed, on a real API server: five minutes
  pnpm bench failover --machines 50  in another size: also approvals, cluster-store and several-servers
  pnpm bench hostile                 what honest machines feel of one enemy: a row for each attack, five minutes

Measures what the design sets targets for. Nothing else should be at work on the machine; the server has one core, and
what makes the load another one. Most targets are ratios, of two sides that the same run
measures: what a user would have without Joinery is the other side.

Parts: ${Object.keys(parts).join(', ')}
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    machines: { type: 'string' }
  }
})
const unknown = positionals.filter((name) => !(name in parts))
if (values.help || unknown.length > 0) {
  process.stderr.write(unknown.length > 0 ? `error: there is no part ${unknown.join(', ')}\n\n${help}` : help)
  process.exit(unknown.length > 0 ? 2 : 0)
}

const size: Size = values.machines === undefined ? {} : { machines: Number(values.machines) }
if (values.machines !== undefined && !/^[1-9][0-9]{0,5}$/.test(values.machines)) {
  process.stderr.write(`error: --machines ${values.machines} is no number of machines\n`)
  process.exit(2)
}

console.log(`${versions()}\n`)
let missed = 0
for (const name of positionals.length > 0 ? positionals : Object.keys(parts)) {
  for (const figure of (await parts[name]?.(size)) ?? []) {
    console.log(line(figure))
    if (isMet(figure) === false) missed += 1
  }
}
console.log(missed === 0 ? '\nevery target that was measured is met' : `\n${missed} missed`)
// without --check a missed target is for a person to explain
if (values.check && missed > 0) process.exitCode = 1
