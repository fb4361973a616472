import type { Bed } from './bed/bed.ts'

/** In the bed's network, processes of this name. */
const script = `for process in /proc/[0-9]*; do
  [ "$(readlink "$process/ns/net")" = "$(readlink /proc/self/ns/net)" ] || continue
  [ "$(cat "$process/comm")" = "$1" ] && echo "\${process#/proc/}"
done; true`

/** Id of the one process of this name in the bed. Another bed on this host has its own. */
export const processInBed = async ({ exec }: Pick<Bed, 'exec'>, name: string): Promise<number> => {
  const { stdout, stderr } = await exec(['sh', '-c', script, 'sh', name])
  const [id, ...more] = stdout.trim().split('\n')
  if (!id || more.length > 0) throw new Error(`there is not one process ${name}: ${stdout}${stderr}`)
  return Number(id)
}
