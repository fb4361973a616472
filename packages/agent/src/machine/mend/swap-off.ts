import { paths } from '../../host/paths.ts'
import { comingSwap, turnsOnSwap } from '../preflight/system/coming-swap.ts'
import type { Mender, MenderParts } from './mender.ts'
import { changedLines, keepBackup, othersFile } from './others-file.ts'

/** Milliseconds. It is longer than reading back takes for everything that is swapped out. */
const timeout = 5 * 60_000

const mark = '# joinery-agent: no swap beside the kubelet: '

/** Turns swap off. First it disables what would bring swap back: after a power cut between the two, swap is off. */
export const mendSwap: Mender = async (parts) => {
  const { files, exec, change } = parts
  for (const { by } of await comingSwap(files)) {
    if (by === paths.fstab) await mendFstab(parts)
    // what lies there already cannot be masked
    else if (!by.endsWith('.swap') || (await files.exists(`/etc/systemd/system/${by}`))) {
      await change({ verb: 'disable', object: by }, () => exec(['systemctl', 'disable', '--now', '--', by]))
    } else await change({ verb: 'mask', object: by }, () => exec(['systemctl', 'mask', '--', by]))
  }
  const [, ...active] = ((await files.read(paths.swaps)) ?? '').trim().split('\n')
  if (active.length === 0) return
  const names = active.map((line) => line.split(/\s/)[0]).join(', ')
  await change({ verb: 'turn off', object: `swap on ${names}`, before: 'on', after: 'off' }, () =>
    exec(['swapoff', '-a'], { timeout })
  )
}

const mendFstab = async ({ files, change, cannot }: MenderParts): Promise<void> => {
  const found = await othersFile(files, paths.fstab)
  if (found === 'absent') return
  if ('problem' in found) return cannot(`take swap out of it: ${found.problem}`)
  const text = withoutSwap(found.text)
  if (text === found.text) return
  const backup = await keepBackup(files, paths.fstab, found)
  const object = `${paths.fstab} (as it was: ${backup})`
  await change({ verb: 'change', object, ...changedLines(found.text, text) }, () =>
    files.write(paths.fstab, text, found.mode)
  )
}

/** fstab(5) with each line that turns on swap at boot made a comment. */
export const withoutSwap = (fstab: string): string =>
  fstab
    .split('\n')
    .map((line) => (turnsOnSwap(line) ? mark + line : line))
    .join('\n')
