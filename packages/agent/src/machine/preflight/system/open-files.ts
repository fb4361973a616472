import { paths } from '../../../host/paths.ts'
import { type PreflightCheck, pass, warn } from '../check/check.ts'

/** The kernel's own limits on the smallest machine that is any use. If a limit is lower, somebody set it. */
const least = {
  'fs.file-max': 65_536,
  'fs.inotify.max_user_instances': 128,
  'fs.inotify.max_user_watches': 8192
}

export const openFiles: PreflightCheck = {
  name: 'open-files',
  why: 'the kubelet and the shim of each container watch files: without a limit that is high enough new containers fail',
  async run(host) {
    const found = await Promise.all(
      Object.entries(least).map(async ([key, limit]) => {
        const text = await host.read(`${paths.sysctls}/${key.replaceAll('.', '/')}`)
        return { key, limit, value: text === undefined ? limit : Number(text) }
      })
    )
    const low = found.filter(({ value, limit }) => value < limit)
    if (low.length === 0) return pass('the limits of open files and of watches are not lowered')
    return warn(
      low.map(({ key, value, limit }) => `${key} is ${value}, and should be ${limit} at least`).join('; '),
      ...low.map(({ key, limit }) => `echo '${key} = ${limit}' >> /etc/sysctl.d/k8s.conf`),
      'sysctl --system'
    )
  }
}
