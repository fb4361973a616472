import { writeFile } from 'node:fs/promises'
import type { Bed } from './bed/bed.ts'

/** Makes a user with this ClusterRole of Joinery, and nothing else. Returns the path, inside the bed, of the user's kubeconfig. */
export const userKubeconfig = async (bed: Bed, name: string, role: string): Promise<string> => {
  await bed.kubectl('create', 'serviceaccount', name)
  await bed.kubectl('create', 'clusterrolebinding', name, `--clusterrole=${role}`, `--serviceaccount=default:${name}`)
  const config = JSON.parse(await bed.kubectl('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'))
  config.users[0].user = { token: (await bed.kubectl('create', 'token', name)).trim() }
  const path = `/run/joinery/${name}.conf`
  await writeFile(bed.hostPath(path), JSON.stringify(config), { mode: 0o600 })
  return path
}
