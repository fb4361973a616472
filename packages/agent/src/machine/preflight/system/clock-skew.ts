import type { Role } from '@joinery/protocol'
import type { Host } from '../../../host/host.ts'
import { timeService } from '../../../host/time-services.ts'
import { type Finding, fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { install } from '../runtime/packages.ts'

/** Skew from which on a clock is worth a word, in milliseconds. */
export const oddSkew = 30_000
/** Milliseconds by which the cluster's signer dates its certificates back (pkg/controller/certificates/signer/signer.go). */
export const tooMuch = 5 * 60_000

/** Limits for a member of etcd, in milliseconds. etcd warns of a second, and some of the skew is the way to the server. */
const tooMuchForEtcd = oddSkew
const oddForEtcd = 2_000

/**
 * Checks the clock. `skew`: milliseconds by which this machine's clock is ahead of the pairing server's. Undefined if
 * the server was not asked.
 */
export const clockSkew = (skew: number | undefined, role: Role): PreflightCheck => ({
  name: 'clock-skew',
  why: 'certificates are valid from 5 minutes before they are issued: a clock that is further behind finds them not yet valid, and a clock that is ahead finds valid ones expired; members of etcd must have the same time',
  async run(host) {
    if (skew === undefined) return skipped('the pairing server was not asked yet')
    const apart = Math.abs(skew)
    const [odd, limit] = role === 'worker' ? [oddSkew, tooMuch] : [oddForEtcd, tooMuchForEtcd]
    // the same words each time: a check is reported again if its words change
    if (apart < odd) return pass(`this clock is less than ${odd / 1000} seconds apart from the pairing server's`)
    const service = await describeService(host)
    const finding = `this clock is ${inWords(apart)} ${skew > 0 ? 'ahead of' : 'behind'} the pairing server's; ${service.says}`
    // relative, so that it is right whenever it is run
    const set = `date --set='${skew > 0 ? '-' : '+'}${Math.round(apart / 1000)} seconds'`
    const judge: (finding: string, ...remedy: string[]) => Finding = apart < limit ? warn : fail
    return judge(finding, ...service.remedy, set)
  }
})

const units = [
  { name: 'day', milliseconds: 86_400_000 },
  { name: 'hour', milliseconds: 3_600_000 },
  { name: 'minute', milliseconds: 60_000 },
  { name: 'second', milliseconds: 1000 }
]

/** The two largest units: `1 hour 2 minutes`. */
export const inWords = (milliseconds: number): string => {
  let rest = Math.round(milliseconds / 1000) * 1000
  const parts = units.flatMap((unit) => {
    const count = Math.floor(rest / unit.milliseconds)
    rest -= count * unit.milliseconds
    return count === 0 ? [] : [`${count} ${unit.name}${count === 1 ? '' : 's'}`]
  })
  return parts.slice(0, 2).join(' ')
}

const describeService = async (host: Host): Promise<{ says: string; remedy: string[] }> => {
  const found = await timeService(host.exec).catch(() => undefined)
  if (found === undefined) {
    return { says: 'no time service is installed', remedy: await install(host, 'systemd-timesyncd') }
  }
  const { unit, state } = found
  const turnOn = `systemctl enable --now ${unit}`
  if (state === 'inactive') return { says: `${unit} does not run`, remedy: [turnOn] }
  if (state === 'masked') return { says: `${unit} is masked`, remedy: [`systemctl unmask ${unit}`, turnOn] }
  const step = unit.startsWith('chrony') ? 'chronyc makestep' : `systemctl restart ${unit}`
  return { says: `${unit} runs, and has not set the clock yet`, remedy: [step] }
}
