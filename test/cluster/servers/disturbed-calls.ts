import type { Test } from 'tap'
import { type ApiProxy, type Chance, type Fate, fates } from '../api-proxy.ts'
import { waitFor } from '../bed/wait-for.ts'
import type { CrewOrder } from '../inside/crew.ts'
import { minutes } from '../product.ts'
import { judgeCrew, runCrew } from './crew.ts'
import { keepUp } from './keep-up.ts'
import type { World } from './open-servers.ts'

/** A server that cannot renew its Lease ends, and only one of the ways does that. */
const butLeases = '^/api(?:s/(?!coordination)|/)'
const all = 'GET|POST|PUT|PATCH|DELETE'
const usual: readonly Fate[] = [
  'slow',
  'late',
  'twice',
  'unanswered',
  'cut',
  'lost',
  'afterwards',
  'tooMany',
  'failing',
  'unserved'
]

/** Three kinds of a bad way to the API server. */
const badWays = {
  /** Calls are slow, and overtake each other. */
  slow: { method: all, url: butLeases, share: 0.5, fates: ['slow', 'late'], most: 1000 },
  /** A commit is answered late, twice or never, or is refused. One that is never answered takes the time until its server gives up. */
  commits: { method: 'PATCH', url: '/logheads/', share: 0.6, fates: [...usual, 'silent'], most: 1000 },
  /** Each call may have each fate, and those for the Lease as well. */
  all: { method: all, url: '', share: 0.25, fates: usual, most: 1000 }
} as const satisfies Record<string, Chance>

/**
 * Has a crew of machines join while the way of all servers to the API server is bad. A server that ends is started again, and another one
 * may take over meanwhile. Then the model judges what was seen.
 */
export const disturbed = async (
  t: Test,
  { bed, servers, tokens }: World,
  proxy: ApiProxy,
  order: Pick<CrewOrder, 'seed' | 'machines' | 'lanes' | 'seconds'> & { way: keyof typeof badWays }
): Promise<void> => {
  t.comment(`seed ${order.seed}`)
  const chance = badWays[order.way]
  const before = await proxy.fates()
  await servers.untilActive()
  const kept = keepUp(servers.all)
  await proxy.obey({ seed: order.seed, chances: [chance] })
  const saw = await runCrew(bed, servers, order).finally(async () => {
    await proxy.obey({})
    await kept.end()
  })
  const after = await proxy.fates()
  const met = [...after].map(([fate, count]) => ({ fate, count: count - (before.get(fate) ?? 0) }))
  const told = met.flatMap(({ fate, count }) => (count === 0 ? [] : [`${fate} ${count}`])).join(', ')
  t.comment(`${saw.machines} machines, ${saw.exchanges.length} requests, ${kept.ends} ends of a server; ${told}`)
  for (const fate of chance.fates) {
    t.ok(
      met.some((one) => one.fate === fate && one.count > 0),
      `a call was ${fates[fate]}`
    )
  }
  t.ok(saw.enrolments.length > order.machines / 2, `${saw.enrolments.length} enrolments`)
  const claimed = saw.enrolments.filter(({ attempts }) => attempts.length > 0).length
  t.ok(claimed > 0, `${claimed} have claimed`)
  const swept = () => judgeCrew(bed, servers, saw, tokens)
  t.same(await waitFor('the sweeps', swept, (broken) => broken.length === 0, 2 * minutes).catch(swept), [])
}
