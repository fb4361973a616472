import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import { type Connection, type Manifest, read, statusOf } from '@joinery/kube'
import { definitions, doorGroup, doorVersion, pluralOf } from '@joinery/kube/door'
import { logDefinitions } from '@joinery/kube/log'

const pause = 500
const tries = 120

/**
 * Waits until the API server serves each kind of the door, and with `log` those of the log. It takes a moment to serve a
 * CustomResourceDefinition that is new; the wait is a minute at most.
 */
export const untilEstablished = async (
  admin: Connection,
  log: boolean,
  sleep: (ms: number) => Promise<unknown>
): Promise<void> => {
  const wanted = [...definitions, ...(log ? logDefinitions : [])]
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await sleep(pause)
    const live = await Promise.all(wanted.map((definition) => read(admin, definition)))
    if (!live.every((one) => one !== undefined && isEstablished(one as Definition))) continue
    // a definition that was there is established at once, and its new version is served a moment later
    const served = await Promise.all(definitions.map((definition) => isServed(admin, definition)))
    if (served.every((one) => one)) return
  }
  throw new CommandEnd(
    commonCodes.failure,
    ['the cluster does not serve the kinds of joinery.dev, no credential was written'],
    'look at why: kubectl describe crd enrolments.joinery.dev; then again: joinery-server setup'
  )
}

/** True if the API server answers for the kind in the present version. */
const isServed = async (admin: Connection, definition: Manifest): Promise<boolean> => {
  const of = { group: doorGroup, version: doorVersion, plural: pluralOf(definition) }
  try {
    await admin.custom.listClusterCustomObject({ ...of, limit: 1 })
    return true
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}

type Definition = Manifest & { status?: { conditions?: { type: string; status: string }[] } }

const isEstablished = ({ status }: Definition): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false
