import { clusterUid } from '@joinery/kube'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { NoAnswer } from '../../terminal/errors.ts'
import type { DoorApi } from '../door-api.ts'
import { readInstallation } from '../installation.ts'
import { judgePin, type KeptPin, type PinVerdict } from './judge-pin.ts'
import { provenNext } from './open-install.ts'
import type { Pins } from './pins.ts'

export interface CompareParts {
  api: DoorApi
  /** Ways on which the cluster is reached. */
  ways(): string[]
  /** Absent if nothing is remembered. */
  pins: Pins | undefined
  /** The pin that the operator typed as an option. */
  typed: string | undefined
  /** Time of the operator's own machine. */
  clock(): Date
}

/** One look at the pin that a cluster shows. */
export interface Seen {
  installation: InstallationView
  /** uid of the cluster. Undefined if the operator may not read it. */
  uid: string | undefined
  /** Name by which the cluster is kept. */
  cluster: string
  ways: readonly string[]
  verdict: PinVerdict
  kept: KeptPin | undefined
  /** Pin that the server announces for the first time. */
  announced?: string
  /** Reason why what was kept cannot be read. */
  broken?: string
  /** Reason why nothing can be kept. */
  unkept?: string
}

/** Compares the pin with the one that was kept, and keeps it if it is the first one, was proven, or was typed. */
export const comparePin = async (parts: CompareParts): Promise<Seen> => {
  const { api, pins, typed } = parts
  const installation = await readInstallation(api)
  const { pin } = installation
  const uid = await uidOf(api)
  const looked = { installation, uid, cluster: uid ?? api.server, ways: parts.ways() }
  const { broken, ...known } = await knownOf(pins, looked)
  const { kept } = known
  const seen: Seen = { ...looked, kept, verdict: judgePin(pin, known, typed), ...given({ broken }) }
  if (broken !== undefined || seen.verdict === 'another' || isChanged(seen)) return seen
  const before: Partial<KeptPin> = kept?.pin === pin ? kept : {}
  // only the CA of the pin can say which one comes next
  const proven = await provenNext(installation, pin)
  const named = typed !== undefined || kept?.named === true ? true : undefined
  const isKnown =
    before.proven === proven && before.named === named && looked.ways.every((way) => before.ways?.includes(way))
  const unkept = isKnown ? undefined : await keepPin(parts, seen, { ...before, pin, proven, named })
  const announced = before.pin === pin && before.proven !== proven ? proven : undefined
  return { ...seen, ...given({ announced, unkept }) }
}

/** True if the cluster shows another pin than before, or is another cluster than before. */
export const isChanged = ({ verdict }: Pick<Seen, 'verdict'>): boolean =>
  verdict === 'changed' || verdict === 'elsewhere'

/** Keeps a pin of the cluster that was looked at, and the ways to it. Returns the reason if that cannot be. */
export const keepPin = async (
  { pins, clock }: Pick<CompareParts, 'pins' | 'clock'>,
  { cluster, kept, ways }: Pick<Seen, 'cluster' | 'kept' | 'ways'>,
  pin: KeptPin
): Promise<string | undefined> => {
  const others = kept?.ways?.filter((way) => !ways.includes(way)) ?? []
  try {
    await pins?.keep(cluster, { ...pin, ways: [...others, ...ways] }, clock())
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const knownOf = async (pins: Pins | undefined, { cluster, ways }: Pick<Seen, 'cluster' | 'ways'>) => {
  const nothing = { kept: undefined, elsewhere: false }
  try {
    return { ...((await pins?.read(cluster, ways)) ?? nothing), broken: undefined }
  } catch (error) {
    return { ...nothing, broken: (error as Error).message }
  }
}

/** The uid of the Namespace kube-system. Undefined if the operator may not read it: the URL of the API server stands in. */
const uidOf = async (api: DoorApi): Promise<string | undefined> => {
  try {
    return await api.call(clusterUid)
  } catch (error) {
    if (error instanceof NoAnswer) throw error
    return undefined
  }
}
