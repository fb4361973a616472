import { must, run } from './run.ts'

/** The one network namespace of the bed, with a bridge that the machines' taps join. It has no way out. */
export const namespace = 'joinery-bed'
const bridge = 'br0'

/** Where the control plane and the pairing server listen; the machines' gateway. */
export const serverAddress = '172.30.0.1'

const ip = (...args: string[]) => must(['ip', '-netns', namespace, ...args])

export async function createNetwork(): Promise<void> {
  await must(['ip', 'netns', 'add', namespace])
  await ip('link', 'set', 'lo', 'up')
  await ip('link', 'add', bridge, 'type', 'bridge')
  await ip('addr', 'add', `${serverAddress}/24`, 'dev', bridge)
  await ip('link', 'set', bridge, 'up')
}

export async function createTap(name: string): Promise<void> {
  await ip('tuntap', 'add', name, 'mode', 'tap')
  await ip('link', 'set', name, 'master', bridge, 'up')
}

/** Every process in the namespace: control plane, machines, and what tests started. Empty when there is no namespace. */
export async function processesInside(): Promise<number[]> {
  const { stdout } = await run(['ip', 'netns', 'pids', namespace])
  return stdout.split('\n').filter(Boolean).map(Number)
}

/** Removes the namespace, and with it bridge and taps. No process may be left in it. */
export async function removeNetwork(): Promise<void> {
  const { stdout } = await run(['ip', 'netns', 'list'])
  const names = stdout.split('\n').map((line) => line.split(' ')[0])
  if (names.includes(namespace)) await must(['ip', 'netns', 'delete', namespace])
}
