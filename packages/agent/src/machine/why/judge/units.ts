import type { Cause } from '@joinery/protocol'
import { units } from '../../../host/paths.ts'
import type { RuntimeSeen, UnitSeen } from '../seen.ts'
import { causeHere } from './cause.ts'

/** Milliseconds after which a unit that was started again counts as one that runs. */
const settles = 30_000

/** True if the unit runs, and was not started again only now: a program that ends at its start runs for a second each time. */
export const isRunning = (unit: UnitSeen | undefined): boolean =>
  unit?.state === 'active' && (unit.restarts === 0 || (unit.upFor ?? 0) > settles)

/** The cause that the unit of the kubelet is. None if the kubelet runs. */
export const judgeKubelet = (kubelet: UnitSeen | undefined): Cause[] => {
  if (kubelet === undefined || isRunning(kubelet)) return []
  const { load, state, result, restarts } = kubelet
  const remedy = ['systemctl status kubelet', 'journalctl --unit kubelet --lines 50']
  const evidence = [describe(kubelet)]
  if (load === 'not-found')
    return [
      causeHere('kubelet-off', 'the kubelet is not installed', { evidence, remedy: ['# install the package kubelet'] })
    ]
  if (load === 'masked') {
    return [
      causeHere('kubelet-off', 'the kubelet is masked, so that systemd does not start it', {
        evidence,
        remedy: [`systemctl unmask ${units.kubelet}`, start('kubelet')]
      })
    ]
  }
  if (result === 'oom-kill') {
    return [
      causeHere('memory-short', 'the kernel killed the kubelet: this machine has too little memory', {
        evidence,
        remedy: ['free -m', 'journalctl --dmesg --grep "Out of memory"']
      })
    ]
  }
  const ends =
    state === 'failed' || state === 'auto-restart' || state === 'active' || (state === 'activating' && restarts > 0)
  if (ends) {
    return [causeHere('kubelet-failing', endOf(kubelet), { evidence, remedy })]
  }
  if (state === 'activating') return []
  return [
    causeHere('kubelet-off', 'the kubelet does not run: somebody stopped it', {
      evidence,
      remedy: [start('kubelet'), ...remedy]
    })
  ]
}

const endOf = ({ result, status }: UnitSeen): string => {
  if (result === 'signal' || result === 'core-dump') return 'the kubelet was killed, or crashed'
  return status === 0
    ? 'the kubelet ends again and again'
    : `the kubelet ends again and again, with exit status ${status}`
}

/** The cause that the container runtime is. None if it answers. */
export const judgeRuntime = (runtime: RuntimeSeen | undefined): Cause[] => {
  if (runtime === undefined || runtime.answer === 'ready') return []
  const { unit, socket, problem } = runtime
  const name = (unit?.unit ?? units.containerd).replace(/\.service$/, '')
  const remedy = [`systemctl status ${name}`, `journalctl --unit ${name} --lines 50`, start(name)]
  const evidence = [...(unit ? [describe(unit)] : []), `${socket}: ${problem}`]
  const text = textOf(runtime, name)
  return [causeHere('runtime-off', text, { evidence, remedy })]
}

const textOf = ({ unit, answer, problem }: RuntimeSeen, name: string): string => {
  if (answer === 'not-ready') return `${name} says that it cannot run containers: ${problem}`
  if (answer === 'without-cri') return `${name} runs without its CRI service, by which the kubelet speaks to it`
  if (unit?.load === 'not-found') return `no container runtime is installed: there is no unit ${name}`
  if (unit?.load === 'masked') return `${name} is masked, so that systemd does not start it`
  if (unit?.result === 'oom-kill') return `the kernel killed ${name}: this machine has too little memory`
  if (unit?.state === 'failed' || unit?.state === 'auto-restart')
    return `${name} does not start, or ends again and again`
  if (unit?.state === 'inactive') return `${name} does not run: somebody stopped it`
  if (answer === 'missing') return `${name} does not run, or is not installed: there is no socket of it`
  return answer === 'late' ? `${name} does not answer in time` : `${name} does not answer`
}

const start = (unit: string): string => `systemctl enable --now ${unit}`

const describe = ({ unit, load, state, result, restarts, status }: UnitSeen): string =>
  `${unit}: ${load}, ${state}, result ${result}, exit status ${status}, ${restarts === 0 ? 'not restarted' : 'restarted'}`
