import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { Bed } from '../bed/bed.ts'

const name = 'kube-controller-manager'

/** Ends, in the bed's network, the controller manager and the loop that starts it again: both are stopped before one is killed. */
const endIt = `for signal in STOP KILL; do
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/ns/net")" = "$(readlink /proc/self/ns/net)" ] || continue
    [ "$process" != "/proc/$$" ] || continue
    tr '\\0' '\\n' < "$process/cmdline" | grep -qx ${name} && kill -$signal "\${process#/proc/}"
  done
done; true`

/** Runs the bed's controller manager anew, with these flags beside and instead of those of kubeadm. */
export const restartControllerManager = async (bed: Bed, flags: Readonly<Record<string, string>>): Promise<void> => {
  const manifest = parse(await readFile(bed.hostPath(`/etc/kubernetes/manifests/${name}.yaml`), 'utf8')) as {
    spec: { containers: [{ command: string[] }] }
  }
  const changed = Object.entries({ ...flags, 'leader-elect': 'false' })
  const [program = '', ...given] = manifest.spec.containers[0].command
  const kept = given.filter((word) => !changed.some(([flag]) => word.startsWith(`--${flag}=`)))
  await bed.exec(['sh', '-c', endIt])
  const argv = [program, ...kept, ...changed.map(([flag, value]) => `--${flag}=${value}`)]
  await bed.spawn(name, ['sh', '-c', 'while :; do "$@"; sleep 1; done', name, ...argv])
}
