import type { Bed } from '../bed/bed.ts'
import type { OneServer } from './three-servers.ts'

/** The state folder of a server on a disk of its own, which can be full. The server is down while it is made, and when it ends. */
export interface SmallFolder {
  /** Takes all room but this, in bytes. */
  fill(left: number): Promise<void>
  makeRoom(): Promise<void>
  /** Gives back the folder as it was before, without the files: those of a host that was lost. */
  lose(): Promise<void>
}

export const smallFolder = async (bed: Bed, { state }: OneServer): Promise<SmallFolder> => {
  const shell = async (script: string): Promise<void> => {
    const { code, stderr } = await bed.exec(['sh', '-euc', script, 'sh', state])
    if (code !== 0) throw new Error(`${script}: ${stderr}`)
  }
  const kept = '/run/joinery/kept-state'
  await shell(
    `cp -a "$1" ${kept}; mount -t tmpfs -o size=64m,mode=0700 tmpfs "$1"; cp -a ${kept}/. "$1"; rm -r ${kept}`
  )
  return {
    fill: (left) => shell(`cat /dev/zero > "$1/ballast" 2>/dev/null || true; truncate --size=-${left} "$1/ballast"`),
    makeRoom: () => shell('rm "$1/ballast"'),
    lose: () => shell('umount "$1"; find "$1" -mindepth 1 -delete')
  }
}
