import { version } from '@joinery/kube'
import { furtherServers, type State, states } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import type { OperatorClient, SeenStatus } from '../operator-client.ts'
import type { DoorApi } from './door-api.ts'

/**
 * The state of the pairing server, as far as the cluster shows it: what its Installation says, and how many enrolments and codes
 * there are. What only its host knows is absent.
 */
export const readStatus = async (
  api: DoorApi,
  { list, listCodes }: Pick<OperatorClient, 'list' | 'listCodes'>,
  installation: InstallationView
): Promise<SeenStatus> => {
  const [{ items }, codes, kubernetes] = await Promise.all([
    list(),
    // not everybody who sees the machines sees the codes
    listCodes({ state: 'open' }).catch(() => undefined),
    api.call(version).catch(() => undefined)
  ])
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>
  for (const { state } of items) counts[state] += 1
  const notReady = items.flatMap(({ name, state, node }) =>
    state === 'ready' && node?.condition !== 'Ready' ? [name] : []
  )
  const others = furtherServers(installation)
  return {
    version: installation.version,
    agents: { url: installation.server, pin: installation.pin, ...given({ nextPin: installation.nextPin }) },
    cluster: given({ version: kubernetes }),
    enrolments: counts,
    ...(notReady.length > 0 && { notReady }),
    ...(others.length > 0 && { servers: [installation.server, ...others].map((url) => ({ url })) }),
    ...(codes !== undefined && { codes: { open: codes.items.length } })
  }
}
