import { readFile, writeFile } from 'node:fs/promises'
import { manifestStream } from '@joinery/kube/manifests'
import { parse, stringify } from 'yaml'
import type { Bed } from './bed/bed.ts'
import { kubectlAs } from './door-desk.ts'

/** Namespace of the log. */
export const namespace = 'joinery-system'

/**
 * Sets the cluster up as `joinery-server setup` does for `store: cluster`, without a pairing server. Gives the path, inside, of a
 * kubeconfig of the server's account.
 */
export const openLogSite = async (bed: Bed): Promise<string> => {
  const must = (words: readonly string[], input?: string) => kubectlAs(bed).must('', words, input)
  await must(
    ['apply', '--server-side', '-f', '-'],
    manifestStream({ credential: 'token', kubeProxy: false, log: true })
  )
  await must(['wait', '--for=condition=Established', 'crd', '--all'])
  const token = (await must(['-n', namespace, 'create', 'token', 'joinery-server'])).trim()
  const config = parse(await readFile(bed.hostPath('/etc/kubernetes/super-admin.conf'), 'utf8'))
  for (const one of config.users) one.user = { token }
  const file = '/run/joinery/server.conf'
  await writeFile(bed.hostPath(file), stringify(config), { mode: 0o600 })
  return file
}
