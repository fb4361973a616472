import { must, run } from './run.ts'

/** That the machines' taps join. */
const bridge = 'br0'

/** Where the control plane and the pairing server listen; the machines' gateway. */
export const serverAddress = '172.30.0.1'

const ip = (namespace: string, ...args: string[]) => must(['ip', '-netns', namespace, ...args])

/** Makes a network namespace with a bridge, and no way out. */
export async function createNetwork(namespace: string): Promise<void> {
  await must(['ip', 'netns', 'add', namespace])
  await ip(namespace, 'link', 'set', 'lo', 'up')
  await ip(namespace, 'link', 'add', bridge, 'type', 'bridge')
  await ip(namespace, 'addr', 'add', `${serverAddress}/24`, 'dev', bridge)
  await ip(namespace, 'link', 'set', bridge, 'up')
}

export async function createTap(namespace: string, name: string): Promise<void> {
  await ip(namespace, 'tuntap', 'add', name, 'mode', 'tap')
  await ip(namespace, 'link', 'set', name, 'master', bridge, 'up')
}

/** Every process in the namespace: control plane, machines, and what tests started. Empty when there is no namespace. */
export async function processesInside(namespace: string): Promise<number[]> {
  const { stdout } = await run(['ip', 'netns', 'pids', namespace])
  return stdout.split('\n').filter(Boolean).map(Number)
}

/** Removes the namespace, and with it bridge and taps. No process may be left in it. */
export async function removeNetwork(namespace: string): Promise<void> {
  const { stdout } = await run(['ip', 'netns', 'list'])
  const names = stdout.split('\n').map((line) => line.split(' ')[0])
  if (names.includes(namespace)) await must(['ip', 'netns', 'delete', namespace])
}
