import { X509Certificate } from 'node:crypto'
import { CommandEnd } from '@joinery/host/command-end'
import { day, escapeText, fingerprint, type Install, minute } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { type OpenedStatement, openNextPin, openStatement } from '@joinery/protocol/statement'
import { exitCodes } from '../../terminal/errors.ts'
import type { NamedPin } from './named-pin.ts'

/** Things by which the operator's machine judges a statement. */
export interface Judged {
  /** The pin that the operator named. */
  named: NamedPin
  /** uid of the cluster. Undefined if the operator may not read it. */
  cluster: string | undefined
  /** `issued` of the newest statement that was accepted under the pin. */
  newest: string | undefined
  /** Time of the operator's own machine: an API server chooses the time that it tells. */
  now: Date
}

/** Facts that a machine must trust, as the pairing server has signed them. */
export interface OpenedInstall {
  install: Install
  issued: string
  /** True if the cluster shows a CA beside these that the pairing server has not proven. It is left out. */
  strangers: boolean
}

/** Time for which a statement counts, and the most by which clocks of servers and operators differ, in milliseconds. */
const [lifetime, apart] = [day, 10 * minute]

/** Opens what the Installation has signed. Throws if that does not hold, is too old or too new, or speaks for another cluster. */
export const openInstall = async (installation: InstallationView, judged: Judged): Promise<OpenedInstall> => {
  const { pin } = judged.named
  const next = await provenNext(installation, pin)
  const opened = await open(installation, judged, next === undefined ? [pin] : [pin, next])
  const { issued, cluster, version: _, ...facts } = opened.statement
  if (judged.cluster !== undefined && judged.cluster !== cluster) {
    throw refused(`the statement is for the cluster ${escapeText(cluster)}, and this one is ${judged.cluster}`)
  }
  requireTime(issued, judged)
  const authorities = authoritiesOf(installation, opened)
  const proven = [...authorities].filter(([key]) => key === pin || key === next).map(([, pem]) => pem)
  return {
    install: { ...facts, pin, ...given({ nextPin: next }), certificateAuthority: proven.join('') },
    issued,
    strangers: proven.length < authorities.size
  }
}

/** The pin that comes next, if the CA of this pin has signed it. */
export const provenNext = async ({ signedNextPin }: InstallationView, pin: string): Promise<string | undefined> =>
  signedNextPin === undefined ? undefined : openNextPin(signedNextPin, pin).catch(() => undefined)

const open = async (
  { statement }: InstallationView,
  { named, now }: Judged,
  pins: readonly string[]
): Promise<OpenedStatement> => {
  if (statement === undefined) {
    const cause = 'the cluster shows no statement of the pairing server'
    throw refused(`${cause}: the server is older than this command, or somebody took it away`, setupThere)
  }
  try {
    return await openStatement(statement, pins, now)
  } catch (error) {
    const cause = `the statement that the cluster shows does not hold: ${escapeText((error as Error).message)}`
    throw refused(cause, `compare ${named.by} with sudo joinery status on the host of the pairing server`)
  }
}

/** Throws unless the statement is of this day, and none was seen that is newer by more than clocks differ. */
const requireTime = (issued: string, { newest, now }: Judged): void => {
  const at = Date.parse(issued)
  // a time that is none is in no order with another
  if (!(at <= now.getTime() + apart)) {
    const clocks = 'compare the clock of this machine with that of the server: date --utc'
    throw refused(`the statement is of ${issued}, and it is ${now.toISOString()}`, clocks)
  }
  const isOlder = newest !== undefined && !(at >= Date.parse(newest) - apart)
  if (isOlder || !(at >= now.getTime() - lifetime)) {
    throw refused(`the cluster shows an older statement, of ${issued}`)
  }
}

/** The CAs that the cluster shows, by their pins: first the one by which the statement holds. Each is written anew. */
const authoritiesOf = (
  { certificateAuthority }: InstallationView,
  { authority }: OpenedStatement
): Map<string, string> => {
  const shown = certificateAuthority.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const found = new Map<string, string>()
  for (const pem of [authority, ...shown]) {
    const certificate = certificateIn(pem)
    const key = certificate === undefined ? pem : fingerprint(certificate.publicKey)
    if (!found.has(key)) found.set(key, `${certificate}`)
  }
  return found
}

/** The certificate of a CA by its own key. Undefined if the text is none. */
const certificateIn = (pem: string): X509Certificate | undefined => {
  try {
    const certificate = new X509Certificate(pem)
    return certificate.ca && certificate.verify(certificate.publicKey) ? certificate : undefined
  } catch {
    return undefined
  }
}

const compare = 'compare with sudo joinery status on the host of the pairing server'

const setupThere =
  'on its host, with a package that is as new as this command: joinery-server setup --kubeconfig /etc/kubernetes/admin.conf'

const refused = (cause: string, remedy = compare): CommandEnd => new CommandEnd(exitCodes.conflict, cause, remedy)
