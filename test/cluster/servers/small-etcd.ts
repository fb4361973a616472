import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import type { Bed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait-for.ts'
import { etcdView } from '../etcd-view.ts'
import { keptRunning } from '../kept-running.ts'
import { minutes } from '../product.ts'

/** The etcd of the bed, with room for a few megabytes more than it has. */
export interface SmallEtcd {
  /** Writes ConfigMaps until etcd has no room for one more. */
  fill(): Promise<void>
  /** Does what etcd's pages ask for: delete, compact, defragment, disarm. */
  makeRoom(): Promise<void>
  /** Gives back the one with its usual room. */
  end(): Promise<void>
}

const roomBytes = 6 * 1024 * 1024
/** A ConfigMap may have a little more. */
const ballastBytes = 600_000

/** Starts etcd again with a small quota. The API server is away for some seconds, as it is at `end`. */
export const smallEtcd = async (bed: Bed): Promise<SmallEtcd> => {
  const { id, loop } = await keptRunning(bed, 'etcd')
  const argv = (await readFile(`/proc/${id}/cmdline`, 'utf8')).split('\0').slice(0, -1)
  const ready = () => bed.exec(['kubectl', 'get', '--raw', '/readyz'], { timeout: 10_000 })
  const untilReady = () => waitFor('the API server to be ready', ready, ({ code }) => code === 0, minutes)
  process.kill(loop, 'SIGSTOP')
  process.kill(id, 'SIGKILL')
  const { size } = await stat(bed.hostPath('/var/lib/etcd/member/snap/db'))
  const own = await bed.spawn('etcd-small', [...argv, `--quota-backend-bytes=${size + roomBytes}`])
  await untilReady()
  const ballast = '/run/joinery/ballast'
  await writeFile(bed.hostPath(ballast), randomBytes(ballastBytes).toString('base64').slice(0, ballastBytes))
  return {
    fill: async () => {
      for (let made = 1; made < 100; made += 1) {
        const words = ['create', 'configmap', `ballast-${made}`, `--from-file=${ballast}`]
        const { code, stderr } = await bed.exec(['kubectl', ...words])
        if (code === 0) continue
        if (stderr.includes('database space exceeded')) return
        throw new Error(stderr)
      }
      throw new Error('etcd took it all')
    },
    makeRoom: async () => {
      const list = await bed.kubectl('get', 'configmaps', '--output=name')
      const all = list.split('\n').filter((name) => name.includes('ballast-'))
      await bed.kubectl('delete', ...all)
      await etcdView(bed).makeRoom()
    },
    end: async () => {
      own.kill('SIGKILL')
      process.kill(loop, 'SIGCONT')
      await untilReady()
    }
  }
}
