import type { Bed } from './bed/bed.ts'
import { keptRunning } from './kept-running.ts'
import { processInBed } from './process-in-bed.ts'

/** The etcd of the bed, which can be put back to an earlier moment. */
export interface RestoredEtcd {
  /** Keeps what it holds now. */
  copy(): Promise<void>
  /** Puts back what was kept, while the API server runs. */
  putBack(): Promise<void>
}

const [data, kept] = ['/var/lib/etcd', '/var/lib/etcd-kept']

export const restoreEtcd = (bed: Bed): RestoredEtcd => {
  const shell = async (script: string): Promise<void> => {
    const { code, stderr } = await bed.exec(['sh', '-euc', script])
    if (code !== 0) throw new Error(`${script}: ${stderr}`)
  }
  const stopped = async (work: () => Promise<void>): Promise<void> => {
    // the loop that would start it again stands still, too
    const { id: etcd, loop } = await keptRunning(bed, 'etcd')
    process.kill(loop, 'SIGSTOP')
    process.kill(etcd, 'SIGSTOP')
    try {
      await work()
    } finally {
      process.kill(etcd, 'SIGCONT')
      process.kill(loop, 'SIGCONT')
    }
  }
  return {
    copy: () => stopped(() => shell(`rm -rf ${kept}; cp -a ${data} ${kept}`)),
    putBack: () =>
      stopped(async () => {
        process.kill(await processInBed(bed, 'etcd'), 'SIGKILL')
        await shell(`find ${data} -mindepth 1 -delete; cp -a ${kept}/. ${data}`)
      })
  }
}
